export { type Caller, type Calls, Pool, type Streams } from "./pool.ts";
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
