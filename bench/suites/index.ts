/**
 * The suites, in the order they run.
 */
import { channels } from "./channels.ts";
import { memory } from "./memory.ts";
import { pool } from "./pool.ts";
import { sync } from "./sync.ts";
import { tasks } from "./tasks.ts";

export const SUITES = [channels, sync, tasks, pool, memory] as const;
