/**
 * The suites, in the order they run.
 */
import { channels } from "./channels.ts";
import { memory } from "./memory.ts";
import { tasks } from "./tasks.ts";

export const SUITES = [channels, tasks, memory] as const;
