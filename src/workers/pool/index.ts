export type { Caller, Calls, Streams } from "./caller.ts";
export { Pool } from "./pool.ts";
export type {
  CallOf,
  CallOptions,
  CallTimeouts,
  LaneOptions,
  PoolOptions,
  RecycleOptions,
  WhenFull,
} from "./settings.ts";
export type { PoolStats } from "./tally.ts";
