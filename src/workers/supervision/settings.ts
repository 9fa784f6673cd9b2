// The options of supervision: their defaults and checks.

import { invalidArg } from "../../runtime/errors.ts";
import { BACK_OFF, type BackOffOptions, type BackOffSettings } from "./back-off.ts";
import type { ChildOptions, ChildSpec, SupervisionEvent } from "./child.ts";

/**
 * Whom the death of one child concerns: 'one-for-one' it alone; 'one-for-all' all of them; 'rest-for-one' it and those started after it;
 * 'simple-one-for-one' it alone, and children are stopped all at once and forgotten when they end for good: for many of a kind that come and go.
 */
export type Strategy = "one-for-one" | "one-for-all" | "rest-for-one" | "simple-one-for-one";

/** Options of rt.supervise(). */
export interface SupervisionOptions {
  /** Default 'one-for-one'. */
  strategy?: Strategy;
  /** Restarts within `withinMs` before the supervisor gives up: stops all its children and fails itself. Default 1, minimum 0, Infinity allowed. */
  restarts?: number;
  /** Default 5,000, minimum 1, Infinity allowed. */
  withinMs?: number;
  backOff?: BackOffOptions;
  /** Told of everything that happens to the children. What it throws is an uncaught exception. */
  onEvent?: (event: SupervisionEvent) => void;
}

export interface SupervisionSettings {
  readonly strategy: Strategy;
  readonly restarts: number;
  readonly withinMs: number;
  readonly backOff: BackOffSettings;
  readonly onEvent: ((event: SupervisionEvent) => void) | undefined;
}

const STRATEGIES = ["one-for-one", "one-for-all", "rest-for-one", "simple-one-for-one"];
const RESTARTS = ["permanent", "transient", "temporary"];
const DEFAULT_SHUTDOWN_MS = 5_000;
const DEFAULT_START_MS = 30_000;

export function supervisionSettings(options: SupervisionOptions): SupervisionSettings {
  if (typeof options !== "object" || options === null) throw invalidArg("supervise: options", "an object", options);
  const { strategy = "one-for-one", restarts = 1, withinMs = 5_000, backOff = {}, onEvent } = options;
  if (!STRATEGIES.includes(strategy)) throw invalidArg("strategy", STRATEGIES.map((name) => `'${name}'`).join(", "), strategy);
  if (restarts !== Number.POSITIVE_INFINITY && (!Number.isInteger(restarts) || restarts < 0)) {
    throw invalidArg("restarts", "a whole number from 0, or Infinity", restarts);
  }
  checkNumber("withinMs", "milliseconds, 1 or more", withinMs, 1);
  if (typeof backOff !== "object" || backOff === null) throw invalidArg("backOff", "an object", backOff);
  const all = { ...BACK_OFF, ...backOff };
  checkNumber("backOff.minMs", "milliseconds, 0 or more", all.minMs, 0);
  checkNumber("backOff.maxMs", "milliseconds, at least minMs", all.maxMs, all.minMs);
  checkNumber("backOff.factor", "a number from 1", all.factor, 1);
  checkNumber("backOff.jitter", "a number from 0 to 1", all.jitter, 0);
  if (all.jitter > 1) throw invalidArg("backOff.jitter", "a number from 0 to 1", all.jitter);
  checkNumber("backOff.resetMs", "milliseconds, 0 or more", all.resetMs, 0);
  if (onEvent !== undefined && typeof onEvent !== "function") throw invalidArg("onEvent", "a function", onEvent);
  return { strategy, restarts, withinMs, backOff: all, onEvent };
}

/** A spec with every default filled in. */
export type ChildSettings = ChildSpec & Required<ChildOptions> & { readonly type: "worker" | "supervisor" };

export function childSettings(spec: ChildSpec): ChildSettings {
  if (typeof spec !== "object" || spec === null) throw invalidArg("child", "an object { id, child }", spec);
  const { id, child, restart = "permanent", type = "worker", startMs = DEFAULT_START_MS } = spec;
  const { shutdownMs = type === "supervisor" ? Number.POSITIVE_INFINITY : DEFAULT_SHUTDOWN_MS } = spec;
  if (typeof id !== "string" || id === "") throw invalidArg("child: id", "a name", id);
  if (typeof child?.start !== "function") throw invalidArg("child", "an object with start()", child);
  if (!RESTARTS.includes(restart)) throw invalidArg("restart", "'permanent', 'transient' or 'temporary'", restart);
  if (type !== "worker" && type !== "supervisor") throw invalidArg("type", "'worker' or 'supervisor'", type);
  checkNumber("shutdownMs", "milliseconds, 0 or more", shutdownMs, 0);
  checkNumber("startMs", "milliseconds, 1 or more", startMs, 1);
  return { ...spec, restart, type, shutdownMs, startMs };
}

function checkNumber(what: string, expected: string, value: unknown, min: number): void {
  if (typeof value !== "number" || !(value >= min)) throw invalidArg(what, expected, value);
}
