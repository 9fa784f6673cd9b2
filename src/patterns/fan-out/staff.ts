// Who works: the workers of a fan-out, hired when there is work for them, and which of them gets a job.
//
// Invariants
//   1. A worker has at most `depth` jobs.
//   2. Jobs of one key are with one worker at a time, in input order: a job waits while an earlier one of its key waits, or is with a worker that leaves.

import type { Job } from "./job.ts";
import type { Key } from "./settings.ts";
import type { Worker } from "./worker.ts";

export class Staff {
  readonly #hire: () => Worker;
  readonly #depth: number;
  /** By number; a place is empty until there is work for it. */
  #places: (Worker | undefined)[] = [];
  readonly #leaving = new Set<Worker>();
  /** Keys with jobs in hand, and with whom. */
  readonly #bound = new Map<Key, { worker: Worker; jobs: number }>();
  #width: number;

  /** `hire` throws what forbids another worker. */
  constructor(width: number, depth: number, hire: () => Worker) {
    this.#width = width;
    this.#depth = depth;
    this.#hire = hire;
  }

  get width(): number {
    return this.#width;
  }

  /** Everybody who has not ended, those that leave included. */
  get all(): Worker[] {
    return [...this.#active, ...this.#leaving];
  }

  get #active(): Worker[] {
    return this.#places.filter((worker) => worker !== undefined);
  }

  /** A job without a key could be submitted now. */
  get hasRoom(): boolean {
    return this.#active.length < this.#width || this.#active.some((worker) => worker.jobs.size < this.#depth);
  }

  /** Who is to get a job now: nobody, if it must wait. Throws what hire() throws, when there is nobody else. */
  choose(job: Job): Worker | undefined {
    return job.key === undefined ? this.#freest() : this.#keeperOf(job.key as Key);
  }

  #freest(): Worker | undefined {
    let best: Worker | undefined;
    for (const worker of this.#active) if (!best || worker.jobs.size < best.jobs.size) best = worker;
    if (best?.jobs.size === 0) return best;
    const free = this.#freePlace();
    if (free >= 0) {
      const hired = this.#fill(free);
      if (hired) return hired;
    }
    return best && best.jobs.size < this.#depth ? best : undefined;
  }

  #freePlace(): number {
    for (let place = 0; place < this.#width; place++) if (!this.#places[place]) return place;
    return -1;
  }

  /** Hires for a place. Undefined: there is no thread for one more, so the staff is as many as there are. Throws if there is nobody. */
  #fill(place: number): Worker | undefined {
    try {
      const worker = this.#hire();
      this.#places[place] = worker;
      return worker;
    } catch (error) {
      const active = this.#active;
      if (active.length === 0) throw error;
      this.#places = active;
      this.#width = active.length;
      return undefined;
    }
  }

  #keeperOf(key: Key): Worker | undefined {
    const bound = this.#bound.get(key)?.worker;
    if (bound && this.#leaving.has(bound)) return undefined;
    const place = hash(key) % this.#width;
    const worker = bound ?? this.#places[place] ?? this.#fill(place) ?? this.#places[hash(key) % this.#width]!;
    return worker.jobs.size < this.#depth ? worker : undefined;
  }

  submit(worker: Worker, job: Job): void {
    worker.submit(job);
    if (job.key === undefined) return;
    const bound = this.#bound.get(job.key as Key);
    if (bound) bound.jobs++;
    else this.#bound.set(job.key as Key, { worker, jobs: 1 });
  }

  /** A job is done, or taken back, or lost with its worker. */
  release(job: Job): void {
    const bound = job.key === undefined ? undefined : this.#bound.get(job.key as Key);
    if (bound && --bound.jobs === 0) this.#bound.delete(job.key as Key);
  }

  /** A job its worker has not begun, taken back from the busiest, for somebody who is free. Only for jobs without keys. */
  steal(): Job | undefined {
    let busiest: Worker | undefined;
    for (const worker of this.#active) if (!busiest || worker.jobs.size > busiest.jobs.size) busiest = worker;
    return busiest && busiest.jobs.size > 1 ? busiest.takeBack() : undefined;
  }

  has(worker: Worker): boolean {
    return this.#places.includes(worker);
  }

  /** All the jobs a worker has not begun, oldest first: they are not its any more. */
  takeBack(worker: Worker): Job[] {
    const jobs: Job[] = [];
    for (let job = worker.takeBack(); job; job = worker.takeBack()) jobs.push(job);
    for (const job of jobs) this.release(job);
    return jobs.sort((a, b) => a.index - b.index);
  }

  /** Changes how many there are; answers the jobs that must find somebody else, oldest first. */
  resize(width: number, isKeyed: boolean): Job[] {
    this.#width = width;
    const orphans: Job[] = [];
    for (const worker of this.#places.splice(width)) {
      if (!worker) continue;
      this.#leaving.add(worker);
      orphans.push(...this.takeBack(worker));
      worker.retire();
    }
    for (let free = isKeyed ? 0 : width - this.#active.length; free > 0; free--) {
      const job = this.steal();
      if (job) orphans.push(job);
    }
    return orphans.sort((a, b) => a.index - b.index);
  }

  /** A worker has ended. */
  remove(worker: Worker): void {
    this.#leaving.delete(worker);
    const place = this.#places.indexOf(worker);
    if (place >= 0) this.#places[place] = undefined;
  }
}

/** FNV-1a over the key as text. */
function hash(key: Key): number {
  const text = `${typeof key}:${key}`;
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
