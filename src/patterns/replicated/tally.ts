// What replicated requests have cost and brought so far; when to hedge, and whether that can be afforded.

import { usableCores } from "../../runtime/memory/cores.ts";
import * as L from "../../runtime/memory/layout.ts";
import type { Runtime } from "../../workers/runtime.ts";
import { stateOf } from "../../workers/seeing/inspect.ts";
import { slots } from "../../workers/seeing/reading.ts";
import type { ReplicatedSettings } from "./settings.ts";

/** What requests have cost so far, and what the hedging has won. */
export interface ReplicatedStats {
  readonly requests: number;
  /** Replicas beyond the first that were started. */
  readonly extra: number;
  /** Times one was due, and was not started for `maxExtra` or `onlyIdle`. */
  readonly withheld: number;
  /** Requests that were answered by each replica. */
  readonly won: readonly number[];
  /** Requests that were not answered. */
  readonly failed: number;
  /** What losers cost: CPU time of dedicated ones where Node tells it, else the time they took, in milliseconds. */
  readonly lostMs: number;
}

/** Latencies that are remembered for a percentile, and how many it takes to have one. */
const REMEMBERED = 256;
const ENOUGH = 16;
/** Extra replicas that may be saved up. */
const MOST_CREDIT = 10;

export class Tally {
  readonly #settings: ReplicatedSettings;
  readonly #latencies: number[] = [];
  #credit = 0;
  #answered = 0;
  requests = 0;
  extra = 0;
  withheld = 0;
  failed = 0;
  lostMs = 0;
  readonly won: number[];

  constructor(settings: ReplicatedSettings) {
    this.#settings = settings;
    this.won = Array.from({ length: settings.replicas }, () => 0);
  }

  onRequest(): void {
    this.requests++;
    this.#credit = Math.min(Math.max(MOST_CREDIT, this.#settings.replicas), this.#credit + this.#settings.maxExtra);
  }

  onAnswer(replica: number, ms: number): void {
    this.won[replica]!++;
    this.#latencies[this.#answered++ % REMEMBERED] = ms;
  }

  /** How long to wait for an answer before the next replica is started. */
  get hedgeMs(): number {
    const { hedge } = this.#settings;
    if (typeof hedge === "number") return hedge;
    if (this.#latencies.length < ENOUGH) return hedge.firstMs;
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length, Math.ceil((sorted.length * hedge.percentile) / 100)) - 1]!;
  }

  /** Whether one more may be started, and counts it; `mustRun`: nothing else of the request runs. */
  admit(rt: Runtime, mustRun: boolean): boolean {
    const { maxExtra, onlyIdle, dedicated } = this.#settings;
    const isCapped = maxExtra !== Number.POSITIVE_INFINITY && this.#credit < 1;
    if (!mustRun && (isCapped || (onlyIdle && !hasIdleThread(rt, dedicated)))) {
      this.withheld++;
      return false;
    }
    this.#credit = Math.max(0, this.#credit - 1);
    this.extra++;
    return true;
  }

  get shown(): ReplicatedStats {
    const { requests, extra, withheld, won, failed, lostMs } = this;
    return { requests, extra, withheld, won: [...won], failed, lostMs };
  }
}

/** Light tasks: a thread that takes them is asleep. Dedicated: there is a core for one more. Read off the heap, a snapshot. */
function hasIdleThread(rt: Runtime, dedicated: boolean): boolean {
  const { heap } = rt.background.thread;
  const word = (at: number, offset: number) => Atomics.load(heap.i32, (at + offset) >> 2);
  if (rt.threads === 0) return word(L.QUEUE_LIGHT_AT, L.QUEUE_LENGTH) === 0;
  if (dedicated) return word(L.QUEUE_DEDICATED_AT, L.QUEUE_BUSY) < Math.min(word(L.QUEUE_DEDICATED_AT, L.QUEUE_LIMIT), usableCores());
  for (const slot of slots(heap)) if (word(slot, L.SLOT_QUEUE) === L.QUEUE_LIGHT_AT && stateOf(heap, slot) === "idle") return true;
  return false;
}
