// The options of replicated requests, their defaults and checks.

import { invalidArg } from "../../runtime/errors.ts";
import { type EndOptions, endOf } from "../ending.ts";
import { checkGrace } from "../run.ts";

/** The delay is what so many percent of the last requests were answered within; `firstMs` until 16 of them were answered. */
export interface LiveDelay {
  readonly percentile: number;
  readonly firstMs: number;
}

/** Options of replicated(). */
export interface ReplicatedOptions extends EndOptions {
  /** At most so many for a request, at least 1. Default 2; of a list of functions as many as it has, one each. */
  replicas?: number;
  /** When the next replica is started if there is no answer: milliseconds after the one before, 0 or more, or live. Default 0: all at once. */
  hedge?: number | LiveDelay;
  /** Replicas beyond the first a request may cost, on average: 0.05 is one in twenty requests. Default Infinity, minimum 0. */
  maxExtra?: number;
  /** Replicas beyond the first are started only while a thread has nothing to do. Default false. */
  onlyIdle?: boolean;
  /** Each replica has an OS thread of its own. Default false: light tasks, for requests that mostly wait. */
  dedicated?: boolean;
  /** How long a loser may go on before its thread is killed; for dedicated ones. Milliseconds, default Infinity, minimum 0. */
  graceMs?: number;
}

export interface ReplicatedSettings {
  readonly replicas: number;
  readonly hedge: number | LiveDelay;
  readonly maxExtra: number;
  readonly onlyIdle: boolean;
  readonly dedicated: boolean;
  readonly graceMs: number;
  readonly signal: AbortSignal | undefined;
}

export function replicatedSettings(functions: number, options: ReplicatedOptions): ReplicatedSettings {
  const what = "replicated";
  if (typeof options !== "object" || options === null) throw invalidArg(`${what}: options`, "an object", options);
  const { replicas = functions > 1 ? functions : 2, hedge = 0, maxExtra = Number.POSITIVE_INFINITY } = options;
  const { onlyIdle = false, dedicated = false, graceMs = Number.POSITIVE_INFINITY } = options;
  if (!Number.isInteger(replicas) || replicas < 1) throw invalidArg(`${what}: replicas`, "a whole number from 1", replicas);
  if (functions > 1 && replicas > functions) throw invalidArg(`${what}: replicas`, `at most ${functions}, one a function`, replicas);
  checkHedge(`${what}: hedge`, hedge);
  if (typeof maxExtra !== "number" || !(maxExtra >= 0)) throw invalidArg(`${what}: maxExtra`, "a number, 0 or more", maxExtra);
  if (typeof onlyIdle !== "boolean") throw invalidArg(`${what}: onlyIdle`, "true or false", onlyIdle);
  if (typeof dedicated !== "boolean") throw invalidArg(`${what}: dedicated`, "true or false", dedicated);
  return { replicas, hedge, maxExtra, onlyIdle, dedicated, graceMs: checkGrace(what, graceMs), signal: endOf(what, options) };
}

function checkHedge(what: string, hedge: number | LiveDelay): void {
  const expected = "milliseconds, 0 or more, or { percentile: 1 to 100, firstMs: 0 or more }";
  const { percentile, firstMs } = typeof hedge === "object" && hedge !== null ? hedge : { percentile: 100, firstMs: hedge };
  if (typeof firstMs !== "number" || !(firstMs >= 0)) throw invalidArg(what, expected, firstMs);
  if (typeof percentile !== "number" || !(percentile >= 1 && percentile <= 100)) throw invalidArg(what, expected, percentile);
}
