/**
 * Calls: how libraries are driven, the same for all.
 */
import { nowNs } from "./clock.ts";
import { THREAD, type Work } from "./jobs.js";
import type { Crew, Drive, Job } from "./library.ts";

/** A round of calls that give back the number they are given. */
type Call = (value: number) => PromiseLike<number>;
interface Round {
  readonly value: number;
  readonly seen: { readonly count: number; readonly sum: number; readonly disorder: number };
}

const echo = (crew: Crew) => (value: number) => crew.call("echo", value) as PromiseLike<number>;

export function echoPipelined(total: number): Drive {
  return (crew) => pipelined(echo(crew), total, crew.mostAtOnce);
}

export function echoOneByOne(total: number): Drive {
  return (crew) => oneByOne(echo(crew), total);
}

/** All at once, or so many; calls a second. */
export async function pipelined(call: Call, total: number, atOnce = total): Promise<Round> {
  const results: number[] = [];
  const begun = nowNs();
  for (let from = 0; from < total; from += atOnce) {
    const wave = Array.from({ length: Math.min(atOnce, total - from) }, (_, i) => call(from + i));
    for (const result of await Promise.all(wave)) results.push(result);
  }
  const ns = nowNs() - begun;
  return { value: total / (ns / 1e9), seen: seenOf(results) };
}

/** Each after the one before; microseconds a call. */
export async function oneByOne(call: Call, total: number): Promise<Round> {
  const results: number[] = [];
  const begun = nowNs();
  for (let i = 0; i < total; i++) results.push(await call(i));
  const ns = nowNs() - begun;
  return { value: ns / total / 1_000, seen: seenOf(results) };
}

function seenOf(results: readonly number[]): Round["seen"] {
  return {
    count: results.length,
    sum: results.reduce((sum, value) => sum + value, 0),
    disorder: results.filter((value, i) => value !== i).length,
  };
}

export function callsExpected(total: number): Round["seen"] {
  return { count: total, sum: (total * (total - 1)) / 2, disorder: 0 };
}

/** What a lane calls with: the value that stands for `i`, and what of it is given away. */
export type Input = readonly [value: unknown, transfer?: ArrayBuffer[]];

/**
 * Calls with one value each, as many under way as there are lanes. A lane makes its next value when its last one has been answered, and says of each
 * whether it is gone. Microseconds a call.
 */
export function inLanes(job: Job, total: number, makers: readonly ((i: number) => Input)[]): Drive {
  return async (crew) => {
    const results = new Array<number>(total);
    let next = 0;
    let givenAway = 0;
    const lane = async (make: (typeof makers)[0]) => {
      for (let i = next++; i < total; i = next++) {
        const [value, transfer] = make(i);
        results[i] = (await crew.call(job, value, transfer as ArrayBuffer[] | undefined)) as number;
        if (transfer && (value as Uint8Array).byteLength === 0) givenAway++;
      }
    };
    const begun = nowNs();
    await Promise.all(makers.map(lane));
    const ns = nowNs() - begun;
    return { value: ns / total / 1_000, seen: { ...seenOf(results), givenAway } };
  };
}

/** How many tasks are under way at once: enough that no thread waits for its next one, few enough that their payloads are not all in memory. */
export const UNDER_WAY = 64;

/** Does all tasks, so many at once. Microseconds a task. */
export function working(tasks: readonly Work[], underWay = UNDER_WAY): Drive {
  return async (crew) => {
    const results = new Array<number>(tasks.length);
    let next = 0;
    const lane = async () => {
      for (let i = next++; i < tasks.length; i = next++) results[i] = (await crew.call("work", tasks[i])) as number;
    };
    const begun = nowNs();
    await Promise.all(Array.from({ length: Math.min(underWay, tasks.length) }, lane));
    const ns = nowNs() - begun;
    return { value: ns / tasks.length / 1_000, ...workSeen(results) };
  };
}

/** What results of tasks say: how many, the sum of what was found, and on which threads. */
export function workSeen(results: readonly number[]): { seen: { count: number; sum: number }; threads: Set<number> } {
  let sum = 0;
  const threads = new Set<number>();
  for (const result of results) {
    threads.add(Math.floor(result / THREAD));
    sum += result % THREAD;
  }
  return { seen: { count: results.length, sum }, threads };
}
