/**
 * The suites, in the order they run.
 */
import { channels } from "./channels.ts";
import { lab } from "./lab.ts";
import { memory } from "./memory.ts";
import { patterns } from "./patterns.ts";
import { payload } from "./payload.ts";
import { pool } from "./pool.ts";
import { scaling } from "./scaling.ts";
import { service } from "./service.ts";
import { startup } from "./startup.ts";
import { sweep } from "./sweep.ts";
import { sync } from "./sync.ts";
import { tasks } from "./tasks.ts";

export const SUITES = [channels, sync, tasks, pool, lab, patterns, payload, sweep, scaling, startup, service, memory] as const;
