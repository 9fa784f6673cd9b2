/**
 * Calls: how the contenders of the tasks suite are driven, the same for all: a call that gives back the number it was given.
 */
import type { Sample } from "../harness/scenario.ts";
import { nowNs } from "./clock.ts";

export type Calls = (value: number) => PromiseLike<number>;
/** A round of calls. */
export type Drive = (calls: Calls) => Promise<Sample>;

/** All at once; tasks a second. */
export async function pipelined(call: Calls, total: number): Promise<Sample> {
  const begun = nowNs();
  const results = await Promise.all(Array.from({ length: total }, (_, i) => call(i)));
  const ns = nowNs() - begun;
  return { value: total / (ns / 1e9), seen: seenOf(results) };
}

/** Each after the one before; microseconds a call. */
export async function oneByOne(call: Calls, total: number): Promise<Sample> {
  const results: number[] = [];
  const begun = nowNs();
  for (let i = 0; i < total; i++) results.push(await call(i));
  const ns = nowNs() - begun;
  return { value: ns / total / 1_000, seen: seenOf(results) };
}

function seenOf(results: readonly number[]): { count: number; sum: number; disorder: number } {
  return {
    count: results.length,
    sum: results.reduce((sum, value) => sum + value, 0),
    disorder: results.filter((value, i) => value !== i).length,
  };
}

export function callsExpected(total: number): { count: number; sum: number; disorder: number } {
  return { count: total, sum: (total * (total - 1)) / 2, disorder: 0 };
}
