// The input side of a fan-out: items from the source, a batch at a time.

import { invalidArg } from "../../runtime/errors.ts";
import type { Source } from "../source.ts";
import type { Job } from "./job.ts";
import type { Key, Parallel } from "./settings.ts";

/** What a batch of 'auto' is to take, in milliseconds: next to that, sending it costs little, and little is left over when a worker runs dry. */
const BATCH_MS = 1;
const MOST_ITEMS = 4_096;

type Step = IteratorResult<unknown, undefined>;

export class Intake {
  readonly #source: Source<unknown>;
  readonly #settings: Parallel;
  /** Asked for, and not there when a batch was to go. */
  #coming: Promise<Step> | undefined;
  /** Items of the next batch. */
  #size: number;
  /** The source was asked for a value that is not there yet. */
  isPulling = false;
  /** Set when nothing comes any more. */
  end: { readonly failure: { readonly error: unknown } | undefined } | undefined;

  constructor(source: Source<unknown>, settings: Parallel) {
    this.#source = source;
    this.#settings = settings;
    this.#size = settings.batch === "auto" ? 1 : settings.batch;
  }

  /** A job took `ms`. */
  learn(job: Job, ms: number): void {
    if (this.#settings.batch !== "auto") return;
    const wanted = job.isStreamed ? 1 : Math.floor((job.items.length * BATCH_MS) / Math.max(ms, 0.001));
    this.#size = Math.max(1, Math.min(wanted, 2 * this.#size, MOST_ITEMS));
  }

  /** Items for a job and their key: a full batch, or fewer where the source has no more at this moment; none at the end. Never rejects. */
  async gather(): Promise<{ items: unknown[]; key: Key | undefined }> {
    const items: unknown[] = [];
    try {
      while (items.length < this.#size) {
        const step = await this.#pull(items.length > 0);
        if (step?.done) this.end = { failure: undefined };
        if (!step || step.done) break;
        items.push(step.value);
      }
      return { items, key: items.length > 0 ? this.#keyOf(items[0]) : undefined };
    } catch (error) {
      this.end = { failure: { error } };
      return { items: this.#settings.key ? [] : items, key: undefined };
    }
  }

  /** Undefined when the next value is not at hand and only that is wanted. */
  #pull(isSoon: boolean): Step | Promise<Step | undefined> {
    const coming = this.#coming ?? this.#source.next();
    return coming instanceof Promise ? this.#wait(coming, isSoon) : coming;
  }

  async #wait(coming: Promise<Step>, isSoon: boolean): Promise<Step | undefined> {
    this.isPulling = true;
    this.#coming = coming;
    try {
      const step = await (isSoon ? soon(coming) : coming);
      if (step) this.#coming = undefined;
      return step;
    } finally {
      this.isPulling = false;
    }
  }

  #keyOf(item: unknown): Key | undefined {
    const key = this.#settings.key?.(item);
    if (key === undefined && !this.#settings.key) return undefined;
    if (typeof key === "string" || typeof key === "number" || typeof key === "bigint" || typeof key === "boolean") return key;
    throw invalidArg("what key() gives", "a string, number, bigint or boolean", key);
  }

  stop(): Promise<void> {
    return this.#source.stop();
  }
}

/** What a promise gives if that is at hand, undefined if it is not by the next turn of the event loop. */
function soon<T>(coming: Promise<T>): Promise<T | undefined> {
  const turn = new Promise<undefined>((resolve) => {
    setImmediate(() => resolve(undefined));
  });
  return Promise.race([coming, turn]);
}
