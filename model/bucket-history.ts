// What was taken from buckets so far, kept among the world's words, and what must hold. A bucket is told here in another way than in the shipped code: by
// the instant at which it is empty, not by its tokens.

import * as L from "../src/runtime/memory/layout.ts";
import type { Scene } from "./build.ts";
import type { History } from "./history.ts";
import { hadFaults, isClosedSync, isCurrent, planOf, recordOf } from "./sync-history.ts";
import type { Thread } from "./thread.ts";
import { MODEL_WORDS, Violation } from "./world.ts";

/** Of each of four buckets: tokens taken and not given back; then as doubles the instant it is empty, and the latest that fell due. */
const TAKEN = MODEL_WORDS + 1024;
const EMPTY = MODEL_WORDS + 1028;
const LATEST = MODEL_WORDS + 1036;
const ALTERED = MODEL_WORDS + 1044;
/** How far two computations of the same instant may lie apart. */
const NEAR_MS = 1e-6;

const peek = ({ world }: History, word: number) => world.m[word]!;
const double = ({ world }: History, word: number) => world.getF64(word);
const inRecord = (history: History, sync: number, offset: number) => history.world.getF64((recordOf(history, sync) + offset) >> 2);

export function fillBucket(history: History, sync: number, { rate, burst }: { rate: number; burst: number }): void {
  const { world } = history;
  const set = (offset: number, value: number) => world.setF64((recordOf(history, sync) + offset) >> 2, value);
  set(L.BUCKET_TOKENS, burst);
  set(L.BUCKET_AT, 0);
  set(L.BUCKET_RATE, rate);
  set(L.BUCKET_BURST, burst);
  set(L.BUCKET_LATEST, 0);
  world.setF64(EMPTY + 2 * sync, rate === 0 ? 0 : (-burst * 1_000) / rate);
  world.setF64(LATEST + 2 * sync, 0);
}

const bucketOf = (history: History, sync: number) => planOf(history, sync).bucket!;
/** The order of the calls is the order of their answers, and nothing was set: then everything is known beforehand. */
const isSure = (history: History) => history.isExact && !hadFaults(history) && peek(history, ALTERED) === 0;

/** The bucket's own instant, which never goes back: when a call comes whose clock says `now`. */
const arrival = (history: History, sync: number, now: number) => Math.max(now, inRecord(history, sync, L.BUCKET_AT));

/** When it is empty once n more are taken; it holds no more than its burst until the call comes. */
function emptyAfter(history: History, sync: number, n: number, now: number): number {
  const { rate, burst } = bucketOf(history, sync);
  const full = arrival(history, sync, now) - (burst * 1_000) / rate;
  return Math.max(double(history, EMPTY + 2 * sync), full) + (n * 1_000) / rate;
}
const dueOf = (history: History, sync: number, empty: number, now: number) => (empty > arrival(history, sync, now) ? empty : now);

/** When n tokens would fall due; Infinity for never. */
function dueAt(history: History, sync: number, n: number, now: number): number {
  const { rate, burst } = bucketOf(history, sync);
  if (n > burst) return Number.POSITIVE_INFINITY;
  if (rate === 0) return n <= burst - peek(history, TAKEN + sync) ? now : Number.POSITIVE_INFINITY;
  return dueOf(history, sync, emptyAfter(history, sync, n, now), now);
}

/** A call has taken n tokens from each; `due` is what it was told. */
export function took(t: Thread, buckets: readonly number[], n: number, now: number, most: number, due: number): void {
  const { history } = t;
  const { world } = history;
  if (due - now > most) t.fail(`took tokens that are due in ${due - now}, and had asked for ${most} at most`);
  let expected = now;
  for (const sync of buckets) {
    const { rate, burst } = bucketOf(history, sync);
    world.set(TAKEN + sync, peek(history, TAKEN + sync) + n);
    if (n > burst && peek(history, ALTERED) === 0) t.fail(`took ${n} tokens of a bucket of ${burst}`);
    if (!isSure(history) || rate === 0) continue;
    const empty = emptyAfter(history, sync, n, now);
    world.setF64(EMPTY + 2 * sync, empty);
    world.setF64(LATEST + 2 * sync, dueOf(history, sync, empty, now));
    expected = Math.max(expected, dueOf(history, sync, empty, now));
  }
  if (!isSure(history)) return;
  if (Math.abs(expected - due) > NEAR_MS) t.fail(`was told that its tokens are due at ${due}, and they are at ${expected}`);
  for (const sync of buckets) checkTokens(t, sync);
}

export function refusedTokens(t: Thread, buckets: readonly number[], n: number, now: number, most: number): void {
  const { history } = t;
  if (!isSure(history)) return;
  const due = Math.max(...buckets.map((sync) => dueAt(history, sync, n, now)));
  if (due !== Number.POSITIVE_INFINITY && due - now <= most - NEAR_MS) t.fail(`was refused tokens that are due in ${due - now}`);
}

/** A call has given back n tokens, which were due at `due` of each. */
export function gave(t: Thread, buckets: readonly number[], n: number, dues: readonly number[]): void {
  const { history } = t;
  const { world } = history;
  buckets.forEach((sync, i) => {
    const { rate } = bucketOf(history, sync);
    const back = Math.max(0, n - (Math.max(0, double(history, LATEST + 2 * sync) - dues[i]!) * rate) / 1_000);
    world.set(TAKEN + sync, peek(history, TAKEN + sync) - (rate === 0 ? n : back));
    if (!isSure(history) || rate === 0 || isClosedSync(history, sync)) return; // one that is closed is given nothing
    world.setF64(EMPTY + 2 * sync, double(history, EMPTY + 2 * sync) - (back * 1_000) / rate);
    const at = inRecord(history, sync, L.BUCKET_AT);
    if (dues[i] === double(history, LATEST + 2 * sync) && dues[i]! - (n * 1_000) / rate >= at)
      world.setF64(LATEST + 2 * sync, dues[i]! - (n * 1_000) / rate);
    checkTokens(t, sync);
  });
}

export function altered({ history }: Thread): void {
  history.world.set(ALTERED, 1);
}

function checkTokens(t: Thread, sync: number): void {
  const { history } = t;
  const { rate, burst } = bucketOf(history, sync);
  const held = inRecord(history, sync, L.BUCKET_TOKENS);
  const at = inRecord(history, sync, L.BUCKET_AT);
  const expected =
    rate === 0 ? burst - peek(history, TAKEN + sync) : Math.min(burst, ((at - double(history, EMPTY + 2 * sync)) * rate) / 1_000);
  const latest = inRecord(history, sync, L.BUCKET_LATEST);
  if (rate !== 0 && Math.abs(latest - double(history, LATEST + 2 * sync)) > NEAR_MS)
    t.fail(`bucket ${sync} says that the latest falls due at ${latest}, and it does at ${double(history, LATEST + 2 * sync)}`);
  if (Math.abs(held - expected) > NEAR_MS) t.fail(`bucket ${sync} holds ${held} tokens, and should hold ${expected}`);
}

function bad(message: string): never {
  throw new Violation(`buckets at rest: ${message}`);
}

/** Nothing above the burst; where nothing comes, what is missing was taken, from all or from none: a thread that died could not say so. */
export function checkBuckets({ history, model }: Scene): void {
  const missing: number[] = [];
  model.syncs?.forEach(({ bucket }, sync) => {
    if (!bucket || !isCurrent(history, sync) || isClosedSync(history, sync) || peek(history, ALTERED) === 1) return;
    const held = inRecord(history, sync, L.BUCKET_TOKENS);
    if (held > bucket.burst) bad(`bucket ${sync} holds ${held} tokens of ${bucket.burst}`);
    if (bucket.rate !== 0) return;
    const unsaid = bucket.burst - held - peek(history, TAKEN + sync);
    if (unsaid !== 0 && !hadFaults(history)) bad(`bucket ${sync} misses ${unsaid} tokens that nobody took`);
    missing.push(unsaid);
  });
  if (new Set(missing).size > 1) bad(`somebody has taken from some of them: ${missing.join(" and ")}`);
}
