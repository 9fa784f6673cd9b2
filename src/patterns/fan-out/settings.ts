// The options of parallel stages, their defaults and their checks: one convention for fan-out and pipeline.

import { availableParallelism } from "node:os";
import type { Context } from "../../runtime/context/index.ts";
import { invalidArg } from "../../runtime/errors.ts";
import { Runtime } from "../../workers/runtime.ts";
import { type EndOptions, laterEndOf } from "../ending.ts";

/** What happens when an item fails: its function throws, its result cannot be sent, or its thread dies. */
export type AfterFailure =
  /** The first failure ends everything: what is behind it is cancelled, and the iteration throws it. */
  | "fail"
  /** The others go on; after the last value the iteration throws an AggregateError (ERR_ITEMS_FAILED) of all failures in input order. */
  | "collect"
  /** The others go on; `stats.failed` counts. */
  | "skip";

/** `retry`: more attempts an item gets, 0 or more; a death counts as one. `else`: what happens when they have failed too, default 'fail'. */
export type OnError = AfterFailure | { readonly retry: number; readonly else?: AfterFailure };

/** What items are kept together by: items of equal keys go to one worker. */
export type Key = string | number | bigint | boolean;

/** How a step is done by several workers: options of fanOut() and of a stage. */
export interface ParallelOptions<T> extends EndOptions {
  /** Workers, at least 1, started when there is work for them. 'auto': the runtime's threads. Default: 'auto' for fanOut, 1 for a stage of a pipeline. */
  width?: number | "auto";
  /** Values come in the order of the items they came from. Default false: as they are ready. */
  ordered?: boolean;
  /** Default 'fail'. */
  onError?: OnError;
  /** Items of equal key go to the same worker, one after another in input order. Called on the calling thread. Not together with `batch`. */
  key?: ((item: T) => Key) | undefined;
  /**
   * Items that travel to a worker and back together, for cheap items. 'auto': as many as take about a millisecond, found out on the way. Default 1, minimum 1.
   * A batch is not waited for: what is there goes.
   */
  batch?: number | "auto";
  /** Batches a worker is sent beyond the one in hand, so that it need not wait for the calling thread. Default 1, minimum 0. */
  prefetch?: number;
  /** Batches, done and not yet delivered, that are kept for a slow reader. Default 16, minimum 1. */
  capacity?: number;
  /** Each worker has an OS thread of its own (`maxDedicated` counts them). Default true. False: light tasks, for functions that mostly wait. */
  dedicated?: boolean;
}

export interface Parallel {
  readonly width: number;
  readonly ordered: boolean;
  readonly retry: number;
  readonly otherwise: AfterFailure;
  readonly key: ((item: unknown) => Key) | undefined;
  readonly batch: number | "auto";
  readonly prefetch: number;
  readonly capacity: number;
  readonly dedicated: boolean;
  /** Fires when it is to end. */
  readonly signal: AbortSignal | undefined;
  /** What the functions' contexts are below. */
  readonly ctx: Context | undefined;
}

const MAX_WIDTH = 512;
const MAX_BATCHES = 1 << 16;

export function checkParallel<T>(what: string, rt: Runtime, options: ParallelOptions<T>, defaultWidth: number | "auto"): Parallel {
  checkRuntime(what, rt);
  if (typeof options !== "object" || options === null) throw invalidArg(`${what}: options`, "an object", options);
  const { ordered = false, dedicated = true, key, ctx, signal } = options;
  if (options.batch !== "auto") checkWhole(`${what}: batch`, options.batch, 1, MAX_BATCHES);
  checkWhole(`${what}: prefetch`, options.prefetch, 0, MAX_BATCHES);
  checkWhole(`${what}: capacity`, options.capacity, 1, MAX_BATCHES);
  const { batch = 1, prefetch = 1, capacity = 16 } = options;
  checkFlag(`${what}: ordered`, ordered);
  checkFlag(`${what}: dedicated`, dedicated);
  if (key !== undefined && typeof key !== "function") throw invalidArg(`${what}: key`, "a function", key);
  if (key !== undefined && batch !== 1) throw invalidArg(`${what}: batch`, "1 where there is a key", batch);
  const width = checkWidth(what, rt, options.width ?? defaultWidth);
  return {
    width,
    ordered,
    ...checkOnError(what, options.onError ?? "fail"),
    key: key as Parallel["key"],
    batch,
    prefetch,
    capacity,
    dedicated,
    signal: laterEndOf(what, { ctx, signal }),
    ctx,
  };
}

export function checkRuntime(what: string, rt: Runtime): void {
  if (!(rt instanceof Runtime)) throw invalidArg(`${what}: rt`, "a Runtime", rt);
}

export function checkWidth(what: string, rt: Runtime, width: number | "auto"): number {
  if (width === "auto") return Math.max(1, rt.threads ?? availableParallelism());
  if (!Number.isInteger(width) || width < 1 || width > MAX_WIDTH) {
    throw invalidArg(`${what}: width`, `a whole number from 1 to ${MAX_WIDTH}, or 'auto'`, width);
  }
  return width;
}

function checkOnError(what: string, onError: OnError): { retry: number; otherwise: AfterFailure } {
  const { retry, else: otherwise = "fail" } = typeof onError === "object" && onError !== null ? onError : { retry: 0, else: onError };
  if (otherwise !== "fail" && otherwise !== "collect" && otherwise !== "skip") {
    throw invalidArg(`${what}: onError`, "'fail', 'collect', 'skip' or { retry, else }", otherwise);
  }
  if (retry !== Number.POSITIVE_INFINITY) checkWhole(`${what}: onError.retry`, retry ?? null, 0, Number.MAX_SAFE_INTEGER);
  return { retry, otherwise };
}

function checkFlag(what: string, value: unknown): void {
  if (typeof value !== "boolean") throw invalidArg(what, "true or false", value);
}

function checkWhole(what: string, value: unknown, min: number, max: number): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    throw invalidArg(what, `a whole number from ${min} to ${max}`, value);
  }
}
