// What a stage counts of itself, and the failures it collects.

import type { Answer } from "./wire.ts";

/** What a fan-out or a stage has done so far. */
export interface StageStats {
  /** The functions of the stage. */
  readonly name: string;
  /** Items taken from the input. */
  readonly received: number;
  /** Values delivered. */
  readonly delivered: number;
  /** Batches taken and not yet delivered. */
  readonly pending: number;
  /** Workers at this moment. */
  readonly workers: number;
  /** What each function of the stage passed on. */
  readonly passed: readonly number[];
  /** Items that failed for good. */
  readonly failed: number;
  /** Further attempts, after failures and deaths. */
  readonly retried: number;
  /** Workers lost with their threads. */
  readonly deaths: number;
  /** Milliseconds that workers spent on items, all together. */
  readonly busyMs: number;
}

export class Tally {
  readonly #passed: number[] = [];
  readonly #collected: { readonly index: number; readonly error: unknown }[] = [];
  #failed = 0;
  #busyMs = 0;
  retried = 0;
  deaths = 0;

  add([, , , , busyMs, retried, passed]: Answer): void {
    this.#busyMs += busyMs;
    this.retried += retried;
    for (const [i, n] of passed.entries()) this.#passed[i] = (this.#passed[i] ?? 0) + n;
  }

  /** The item at `index` of the input has failed for good. */
  fail(index: number, error: unknown, isCollected: boolean): void {
    this.#failed++;
    if (isCollected) this.#collected.push({ index, error });
  }

  get counts(): Pick<StageStats, "passed" | "failed" | "retried" | "deaths" | "busyMs"> {
    return { passed: [...this.#passed], failed: this.#failed, retried: this.retried, deaths: this.deaths, busyMs: this.#busyMs };
  }

  /** Throws an AggregateError of what was collected, in input order; `indexes` says which items these were. */
  throwCollected(total: number): void {
    if (this.#collected.length === 0) return;
    const inOrder = this.#collected.sort((a, b) => a.index - b.index);
    const errors = inOrder.map(({ error }) => error);
    const indexes = inOrder.map(({ index }) => index);
    throw Object.assign(new AggregateError(errors, `${errors.length} of ${total} items failed`), { code: "ERR_ITEMS_FAILED", indexes });
  }
}
