// The options of a steward, their defaults and checks.

import { invalidArg } from "../../runtime/errors.ts";
import { type SupervisionOptions, supervisionSettings } from "../../workers/supervision/settings.ts";
import { type HeartbeatOptions, type HeartbeatSettings, heartbeatSettings } from "../heartbeat/settings.ts";

/** Options of steward(). */
export interface StewardOptions extends Omit<HeartbeatOptions, "graceMs">, SupervisionOptions {
  /** How long a ward that waits for something may go without a pulse. Milliseconds, default Infinity: waiting is no illness. Minimum 0. */
  blockedMs?: number;
  /** How long a ward may take to stop before its thread is killed. Milliseconds, default 5,000, minimum 0, Infinity allowed. */
  graceMs?: number;
  /** 'transient' (default): a ward that returns is done. 'permanent': it is started again. */
  restart?: "transient" | "permanent";
  /** 'threads-0': a ward that was started again too often runs on the calling thread instead, once. Default: the steward gives up. */
  fallback?: "threads-0";
  /** Values a ward may be ahead of whoever reads them. Default 16, minimum 0. */
  capacity?: number;
}

export interface StewardSettings {
  readonly beat: HeartbeatSettings;
  readonly supervision: SupervisionOptions;
  readonly blockedMs: number;
  readonly restart: "transient" | "permanent";
  readonly fallback: boolean;
  readonly capacity: number;
}

const DEFAULT_GRACE_MS = 5_000;

export function stewardSettings(options: StewardOptions): StewardSettings {
  if (typeof options !== "object" || options === null) throw invalidArg("steward: options", "an object", options);
  const { blockedMs = Number.POSITIVE_INFINITY, graceMs = DEFAULT_GRACE_MS, restart = "transient", fallback, capacity = 16 } = options;
  const beat = heartbeatSettings("steward", { ...options, graceMs });
  if (typeof blockedMs !== "number" || !(blockedMs >= 0)) throw invalidArg("steward: blockedMs", "milliseconds, 0 or more", blockedMs);
  if (restart !== "transient" && restart !== "permanent") throw invalidArg("steward: restart", "'transient' or 'permanent'", restart);
  if (fallback !== undefined && fallback !== "threads-0") throw invalidArg("steward: fallback", "'threads-0'", fallback);
  if (!Number.isInteger(capacity) || capacity < 0) throw invalidArg("steward: capacity", "a whole number from 0", capacity);
  const { strategy, restarts, withinMs, backOff, onEvent } = options;
  const supervision: SupervisionOptions = {
    ...(strategy !== undefined && { strategy }),
    ...(restarts !== undefined && { restarts }),
    ...(withinMs !== undefined && { withinMs }),
    ...(backOff !== undefined && { backOff }),
    ...(onEvent !== undefined && { onEvent }),
  };
  supervisionSettings(supervision);
  return { beat, supervision, blockedMs, restart, fallback: fallback !== undefined, capacity };
}
