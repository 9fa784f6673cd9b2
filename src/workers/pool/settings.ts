// A pool's options, their defaults and checks.

import { Context } from "../../runtime/context/index.ts";
import { invalidArg } from "../../runtime/errors.ts";
import { usableCores } from "../../runtime/memory/cores.ts";
import { nameOf } from "../module-ref.ts";
import type { NamedCall } from "./wire.ts";

/** What happens to a call that finds the queue full. */
export type WhenFull = "block" | "reject" | "drop-newest" | "drop-oldest" | "caller-runs";

/** A call by name, as call(jobs.open, path) makes it. */
export interface CallOf {
  readonly fn: unknown;
  readonly args: readonly unknown[];
}

/** A lane of a pool: calls that have threads kept for them. */
export interface LaneOptions {
  /** Threads that take calls of this lane only, out of the pool's. Default 0: the lane shares the others. */
  readonly reserved?: number;
}

/** Options of rt.pool(). */
export interface PoolOptions extends CallTimeouts {
  /** Threads of the pool's own. Default: HEDDLE_POOL_THREADS if that is set, else the cores the process may use, its container's quota counted. At least 1. */
  readonly threads?: number;
  /** Calls that may wait beside those that run. Default Infinity, minimum 0: what no thread is free for finds the queue full. */
  readonly maxQueue?: number;
  /**
   * What becomes of a call that finds the queue full: 'reject' (the default): ERR_QUEUE_FULL. 'block': it waits outside, in turn, without being one of
   * the queue. 'drop-newest', 'drop-oldest': of the lowest priority there is, this call included, the one that came last, or first, rejects with
   * ERR_DROPPED. 'caller-runs': it runs at once on the calling thread.
   */
  readonly whenFull?: WhenFull;
  /** By how long a call must have waited to be taken before one of the next higher priority. Default 1,000 ms; 0: priority counts for nothing; Infinity: for everything. */
  readonly ageingMs?: number;
  /** Lanes beside the default one, by name. */
  readonly lanes?: Readonly<Record<string, LaneOptions>>;
  /** How long a call may go on running once it was aborted, before its thread is killed and replaced. Default 1,000 ms; 0: at once; Infinity: for ever. */
  readonly graceMs?: number;
  /** Called on each thread before its first call, and after its last: call(jobs.open, path). Not after a death. */
  readonly setUp?: CallOf;
  readonly tearDown?: CallOf;
  /** Called on each thread, so many times, before the thread counts as ready: every thread compiles its code for itself. Default: nothing, once. */
  readonly warmUp?: { readonly calls: readonly CallOf[]; readonly rounds?: number };
  /** When a thread is replaced by a fresh one, between two calls. Default: never. */
  readonly recycle?: RecycleOptions;
  /** Values a stream holds ahead of its reader. Default 16, minimum 0. */
  readonly streamAhead?: number;
}

/** When a thread of a pool is replaced by a fresh one. */
export interface RecycleOptions {
  /** After so many calls. At least 1. */
  readonly calls?: number;
  /** Once it is so old; 0: after every call, or after those it has by then. */
  readonly ageMs?: number;
  /** Once it uses so much JavaScript heap. Asked between calls, at most every 100 ms. */
  readonly heapMb?: number;
}

/** How long a call may take, by its parts. */
export interface CallTimeouts {
  /** Until it runs; then ERR_QUEUE_TIMEOUT. Milliseconds, 0 or more, Infinity (the default) for none. */
  readonly queueTimeoutMs?: number | undefined;
  /** While it runs; then ERR_RUN_TIMEOUT, and its thread is killed and replaced. Otherwise as above. */
  readonly runTimeoutMs?: number | undefined;
  /** Both together; then ERR_TOTAL_TIMEOUT, and its thread is killed if it runs. Otherwise as above. */
  readonly totalTimeoutMs?: number | undefined;
}

export interface CallOptions extends CallTimeouts {
  /** Aborted: the call rejects at once with an AbortError; if it runs, its thread is killed when it goes on for the pool's `graceMs`. */
  readonly signal?: AbortSignal | undefined;
  /** The same by a context. Hand it to the function as well, to have it end by itself. */
  readonly ctx?: Context | undefined;
  /** The higher, the sooner. A whole number; default 0. */
  readonly priority?: number | undefined;
  /** One of the pool's lanes. */
  readonly lane?: string | undefined;
  /** Buffers among the arguments that are detached here once they were copied, as postMessage's transfer list does. */
  readonly transfer?: readonly ArrayBuffer[] | undefined;
}

export interface PoolSettings {
  readonly threads: number;
  readonly maxQueue: number;
  readonly whenFull: WhenFull;
  readonly ageingMs: number;
  /** Lanes with how many threads are theirs. */
  readonly lanes: ReadonlyMap<string, number>;
  readonly graceMs: number;
  readonly setUp: NamedCall | undefined;
  readonly tearDown: NamedCall | undefined;
  readonly warmUp: readonly NamedCall[];
  readonly warmUpRounds: number;
  readonly recycle: Required<RecycleOptions>;
  readonly streamAhead: number;
  readonly call: CallSettings;
}

export interface CallSettings {
  readonly priority: number;
  readonly lane: string;
  readonly queueTimeoutMs: number;
  readonly runTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly transfer: readonly ArrayBuffer[] | undefined;
}

export const DEFAULT_LANE = "";
const NEVER = Number.POSITIVE_INFINITY;
const POLICIES: readonly WhenFull[] = ["block", "reject", "drop-newest", "drop-oldest", "caller-runs"];
const MOST_THREADS = 512;

export function checkPool(options: PoolOptions): PoolSettings {
  if (typeof options !== "object" || options === null) throw invalidArg("pool: options", "an object", options);
  const { threads = defaultThreads(), maxQueue = NEVER, whenFull = "reject", streamAhead = 16, recycle = {}, warmUp } = options;
  if (!POLICIES.includes(whenFull)) throw invalidArg("whenFull", `one of ${POLICIES.join(", ")}`, whenFull);
  if (typeof recycle !== "object" || recycle === null) throw invalidArg("recycle", "an object { calls, ageMs, heapMb }", recycle);
  const rounds = whole("warmUp: rounds", warmUp?.rounds ?? 1, 0);
  return {
    threads: checkThreads(threads),
    maxQueue: maxQueue === NEVER ? NEVER : whole("maxQueue", maxQueue, 0),
    whenFull,
    ageingMs: duration("ageingMs", options.ageingMs ?? 1_000),
    lanes: checkLanes(options.lanes ?? {}, threads),
    graceMs: duration("graceMs", options.graceMs ?? 1_000),
    setUp: named(options.setUp),
    tearDown: named(options.tearDown),
    warmUp: (warmUp?.calls ?? []).map((one) => named(one)!),
    warmUpRounds: rounds,
    recycle: {
      calls: recycle.calls === undefined || recycle.calls === NEVER ? NEVER : whole("recycle: calls", recycle.calls, 1),
      ageMs: duration("recycle: ageMs", recycle.ageMs ?? NEVER),
      heapMb: duration("recycle: heapMb", recycle.heapMb ?? NEVER, "MiB"),
    },
    streamAhead: whole("streamAhead", streamAhead, 0),
    call: {
      priority: 0,
      lane: DEFAULT_LANE,
      signal: undefined,
      transfer: undefined,
      ...checkTimeouts(options, { queueTimeoutMs: NEVER, runTimeoutMs: NEVER, totalTimeoutMs: NEVER }),
    },
  };
}

export function checkCall(options: CallOptions, pool: PoolSettings): CallSettings {
  if (typeof options !== "object" || options === null) throw invalidArg("with: options", "an object", options);
  const { signal, ctx, priority = 0, lane = DEFAULT_LANE, transfer } = options;
  if (!Number.isSafeInteger(priority)) throw invalidArg("priority", "a whole number", priority);
  if (!pool.lanes.has(lane)) {
    throw invalidArg(
      "lane",
      `one of the pool's (${[...pool.lanes.keys()].filter((one) => one !== DEFAULT_LANE).join(", ") || "none"})`,
      lane,
    );
  }
  if (signal !== undefined && (typeof signal !== "object" || signal === null || typeof signal.aborted !== "boolean")) {
    throw invalidArg("signal", "an AbortSignal", signal);
  }
  if (ctx !== undefined && !(ctx instanceof Context)) throw invalidArg("ctx", "a Context", ctx);
  if (transfer !== undefined && (!Array.isArray(transfer) || transfer.some((one) => !(one instanceof ArrayBuffer)))) {
    throw invalidArg("transfer", "a list of ArrayBuffers", transfer);
  }
  return { priority, lane, transfer, signal: endOf(signal, ctx), ...checkTimeouts(options, pool.call) };
}

/** The signal of both. */
function endOf(signal: AbortSignal | undefined, ctx: Context | undefined): AbortSignal | undefined {
  if (ctx === undefined || ctx.done === undefined) return signal;
  return signal ? AbortSignal.any([signal, ctx.signal]) : ctx.signal;
}

export function checkThreads(threads: number): number {
  const checked = whole("threads", threads, 1);
  if (checked > MOST_THREADS) throw invalidArg("threads", `a whole number from 1 to ${MOST_THREADS}`, threads);
  return checked;
}

function defaultThreads(): number {
  const given = process.env.HEDDLE_POOL_THREADS;
  if (given === undefined || given === "") return usableCores();
  const threads = Number(given);
  if (Number.isInteger(threads) && threads >= 1) return threads;
  throw invalidArg("the environment's HEDDLE_POOL_THREADS", "a whole number from 1", given);
}

function checkLanes(lanes: Readonly<Record<string, LaneOptions>>, threads: number): Map<string, number> {
  if (typeof lanes !== "object" || lanes === null) throw invalidArg("lanes", "an object of lanes by name", lanes);
  const checked = new Map([[DEFAULT_LANE, 0]]);
  let reserved = 0;
  for (const [name, lane] of Object.entries(lanes)) {
    const own = whole(`lanes.${name}: reserved`, lane?.reserved ?? 0, 0);
    reserved += own;
    checked.set(name, own);
  }
  if (reserved >= threads)
    throw invalidArg("lanes", `fewer threads reserved than the pool's ${threads}, so that every lane has one`, reserved);
  return checked;
}

function checkTimeouts(options: CallTimeouts, given: Required<CallTimeouts>) {
  return {
    queueTimeoutMs: duration("queueTimeoutMs", options.queueTimeoutMs ?? given.queueTimeoutMs!),
    runTimeoutMs: duration("runTimeoutMs", options.runTimeoutMs ?? given.runTimeoutMs!),
    totalTimeoutMs: duration("totalTimeoutMs", options.totalTimeoutMs ?? given.totalTimeoutMs!),
  };
}

function named(one: CallOf | undefined): NamedCall | undefined {
  if (one === undefined) return undefined;
  const { url, name } = nameOf((one as CallOf | null)?.fn);
  return { url, name, args: one.args };
}

function whole(what: string, value: number, min: number): number {
  if (!Number.isSafeInteger(value) || value < min) throw invalidArg(what, `a whole number from ${min}`, value);
  return value;
}

export function duration(what: string, value: number, unit = "milliseconds"): number {
  if (typeof value !== "number" || !(value >= 0)) throw invalidArg(what, `${unit}, 0 or more`, value);
  return value;
}
