// What the endpoints need done, wherever that is.

import { HeddleWork } from "./heddle-work.ts";
import { InlineWork } from "./inline-work.ts";
import type { Hit } from "./jobs/search.ts";
import type { Settings } from "./settings.ts";

/** What ends a request's work before its time. */
export interface Limits {
  /** The client has gone. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** Counts of one kind of work, for the metrics. */
export interface Counts {
  readonly queued: number;
  readonly running: number;
  /** How many ended in which way, since the start. */
  readonly ended: Readonly<Record<string, number>>;
  /** Threads that were replaced: they died, or were killed because a request's time was up. */
  readonly replaced: number;
}

export interface Work {
  resize(png: Uint8Array, width: number, limits: Limits): Promise<Uint8Array>;
  render(markdown: string, limits: Limits): Promise<string>;
  search(text: string, limit: number, limits: Limits): Promise<Hit[]>;
  /** Requests would be answered now. */
  readonly isReady: boolean;
  counts(): Readonly<Record<string, Counts>>;
  close(): Promise<void>;
}

export function openWork(settings: Settings): Promise<Work> {
  return settings.variant === "inline" ? InlineWork.open() : HeddleWork.open(settings);
}
