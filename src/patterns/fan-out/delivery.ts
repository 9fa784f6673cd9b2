// The output side of a fan-out: answered values in the order they are to be delivered, and whoever waits for them.
//
// States   unordered: an answer's values are queued as they come. Ordered: each job has its place from the moment its items are taken from the source;
//          values of a job that is not the first are kept with it, and queued when its turn comes.

import { Change, ready } from "../flow.ts";
import { DONE } from "../source.ts";
import type { Job } from "./job.ts";

/** Values to deliver one by one; the last parcel of a job makes room for another job. */
interface Parcel {
  readonly values: readonly unknown[];
  at: number;
  readonly isLast: boolean;
}

interface Reader<T> {
  readonly resolve: (step: IteratorResult<T, undefined> | Promise<IteratorResult<T, undefined>>) => void;
}

/** Parcels that may wait before a worker that streams one item's many values is held back. */
const PARCELS = 4;

export class Delivery<T> {
  readonly #isOrdered: boolean;
  readonly #onRoom: () => void;
  readonly #onFailure: (error: unknown) => void;
  readonly #queue: Parcel[] = [];
  readonly #order: Job[] = [];
  readonly #readers: Reader<T>[] = [];
  readonly #change = new Change();
  #outcome: Promise<void> | undefined;
  #isTold = false;
  /** Jobs taken from the source of which something is still to be delivered. */
  undelivered = 0;
  /** Values delivered. */
  delivered = 0;

  constructor(isOrdered: boolean, onRoom: () => void, onFailure: (error: unknown) => void) {
    this.#isOrdered = isOrdered;
    this.#onRoom = onRoom;
    this.#onFailure = onFailure;
  }

  /** A job was taken from the source. */
  add(job: Job): void {
    this.undelivered++;
    if (this.#isOrdered) this.#order.push(job);
  }

  /** Others do its work, in its place. */
  replace(job: Job, others: readonly Job[]): void {
    this.undelivered += others.length - 1;
    if (this.#isOrdered) this.#order.splice(this.#order.indexOf(job), 1, ...others);
  }

  /** Values of a job. A promise when it is not the last of them: more is wanted when it resolves. */
  put(job: Job, values: readonly unknown[], isLast: boolean): void | Promise<void> {
    if (this.#outcome) return undefined; // what was under way when it ended
    job.isDone = isLast;
    if (this.#isOrdered) {
      job.parts.push(values);
      this.#flush();
    } else {
      this.#enqueue(values, isLast);
      if (job.failure) this.#onFailure(job.failure.error);
    }
    return isLast ? undefined : this.#untilWanted(job);
  }

  /** Queues what has come to its turn. */
  #flush(): void {
    for (let job = this.#order[0]; job; job = this.#order[0]) {
      const parts = job.parts.splice(0);
      for (const [i, values] of parts.entries()) this.#enqueue(values, job.isDone && i === parts.length - 1);
      if (!job.isDone) return;
      this.#order.shift();
      if (!job.failure) continue;
      this.#onFailure(job.failure.error);
      return;
    }
  }

  #enqueue(values: readonly unknown[], isLast: boolean): void {
    if (values.length > 0) this.#queue.push({ values, at: 0, isLast });
    else if (isLast) this.#delivered();
    this.#serve();
  }

  async #untilWanted(job: Job): Promise<void> {
    const isWanted = () => this.#outcome || (this.#queue.length < PARCELS && (!this.#isOrdered || this.#order[0] === job));
    while (!isWanted()) await this.#change.wait();
  }

  #delivered(): void {
    this.undelivered--;
    this.#onRoom();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const parcel = this.#queue[0];
    if (parcel) return ready({ value: this.#take(parcel), done: false });
    if (this.#outcome) return this.#last(this.#outcome);
    return new Promise((resolve) => this.#readers.push({ resolve }));
  }

  #take(parcel: Parcel): T {
    const value = parcel.values[parcel.at++] as T;
    this.delivered++;
    if (parcel.at < parcel.values.length) return value;
    this.#queue.shift();
    this.#change.tell();
    if (parcel.isLast) this.#delivered();
    return value;
  }

  #serve(): void {
    for (let parcel = this.#queue[0]; parcel && this.#readers.length > 0; parcel = this.#queue[0]) {
      this.#readers.shift()!.resolve({ value: this.#take(parcel), done: false });
    }
    if (this.#queue.length > 0 || !this.#outcome) return;
    for (const reader of this.#readers.splice(0)) reader.resolve(this.#last(this.#outcome));
  }

  /** Nothing is put any more. What is queued is still delivered, then readers hear the outcome: the first one of an error, the others of the end. */
  end(outcome: Promise<void>): void {
    this.#outcome = outcome;
    this.#change.tell();
    outcome.catch(() => undefined); // told to the reader, if there is one; whoever has left does not ask
    this.#serve();
  }

  async #last(outcome: Promise<void>): Promise<IteratorResult<T, undefined>> {
    const isTold = this.#isTold;
    this.#isTold = true;
    try {
      await outcome;
    } catch (error) {
      if (!isTold) throw error;
    }
    return DONE;
  }

  /** What is queued is not delivered either; to be followed by end(), unless it has been. */
  drop(): void {
    this.#queue.length = 0;
    this.#order.length = 0;
    this.undelivered = 0;
  }
}
