// What happened at leased queues so far, kept among the world's words, and what must hold at each event: who has which job, who had it first.

import * as L from "../src/runtime/memory/layout.ts";
import type { History } from "./history.ts";
import type { QueuePlan } from "./program-lease.ts";
import type { Thread } from "./thread.ts";
import { MODEL_WORDS, Violation } from "./world.ts";

const MOST = 3;
const VALUES = 16;
const QUEUES = MODEL_WORDS + 1_200;
const CLOSED = QUEUES + 2 * MOST;
const STATES = QUEUES + 16;
const HOLDERS = STATES + VALUES;
const FIRST = HOLDERS + VALUES;
const ACKS = FIRST + VALUES;
const ACKING = ACKS + VALUES;
const EXPIRING = ACKING + VALUES; // two words for each thread: the lease it is about to take away
const PLACES = EXPIRING + 8; // three words for each of two places of each thread: job, lease, value

// What became of a value
export const PUTTING = 1;
export const ACCEPTED = 2;
export const REFUSED = 3;

const peek = (history: History, word: number) => history.world.m[word]!;
export const planOf = (history: History, queue: number): QueuePlan => history.model.queues![queue]!;
export const queueAt = (history: History, queue: number): number => peek(history, QUEUES + 2 * queue);
export const generationOf = (history: History, queue: number): number => peek(history, QUEUES + 2 * queue + 1);
export const isCurrent = (history: History, queue: number): boolean =>
  queueAt(history, queue) !== 0 && peek(history, (queueAt(history, queue) + L.LEASED_GEN) >> 2) === generationOf(history, queue);
export const field = (history: History, queue: number, offset: number): number => peek(history, (queueAt(history, queue) + offset) >> 2);
export const isClosedQueue = (history: History, queue: number): boolean => peek(history, CLOSED + queue) === 1;
export const stateOf = (history: History, value: number): number => peek(history, STATES + value);
export const acksOf = (history: History, value: number): number => peek(history, ACKS + value);

/** The value of a job: a mark in its block, or a word. */
export function valueIn({ world }: History, job: number): number {
  const block = world.m[(job + L.JOB_BLOCK) >> 2]!;
  return world.m[(block === 0 ? job + L.JOB_VALUE : block + L.BLOCK_HEADER) >> 2]!;
}

export function madeQueue(history: History, queue: number, address: number, generation: number): void {
  if (queue >= MOST) throw new Error("the model has room for three leased queues");
  for (let other = 0; other < MOST; other++) {
    if (queueAt(history, other) === address && generationOf(history, other) === generation && address !== 0)
      throw new Violation(`queue ${queue} was made with the handle of queue ${other}`);
  }
  history.world.set(QUEUES + 2 * queue, address);
  history.world.set(QUEUES + 2 * queue + 1, generation);
  history.world.set(CLOSED + queue, 0);
}
export function closingQueue(history: History, queue: number): void {
  history.world.set(CLOSED + queue, 1);
}

/** A thread that is gone was about to acknowledge it: nobody knows whether it did. */
export const mayBeAcked = (history: History, value: number): boolean => peek(history, ACKING + value) !== 0;
export function acking({ history }: Thread, value: number): void {
  history.world.set(ACKING + value, 1);
}
export function putting({ history }: Thread, value: number): void {
  history.world.set(STATES + value, PUTTING);
}
export function accepted(t: Thread, value: number): void {
  t.history.world.set(STATES + value, ACCEPTED);
}
export function refusedPut(t: Thread, queue: number, value: number, isClosed: boolean): void {
  const { history } = t;
  if (isClosed && !isClosedQueue(history, queue)) t.fail(`was refused by queue ${queue}, which is open`);
  history.world.set(STATES + value, REFUSED);
}

/** The thread that may use a value just now, if it lives. */
function holderOf(history: History, value: number): Thread | undefined {
  const holder = history.threads[peek(history, HOLDERS + value) - 1];
  return holder === undefined || holder.isOver || holder.isFenced ? undefined : holder;
}
/** From here on somebody else may be handed the job. */
export function lets(history: History, value: number): void {
  history.world.set(HOLDERS + value, 0);
}

export const holds = ({ history, index }: Thread, value: number): boolean => peek(history, HOLDERS + value) === index + 1;
/** Somebody is about to take a lease away; if it is still that one, its holder has the job no longer. */
export function expiring(t: Thread, job: number, lease: number): void {
  const { history } = t;
  history.world.set(EXPIRING + 2 * t.index, job);
  history.world.set(EXPIRING + 2 * t.index + 1, lease);
  for (const { index } of history.threads) {
    for (const place of [0, 1]) {
      const at = placeAt(index, place);
      if (peek(history, at) !== job || peek(history, at + 1) !== lease) continue;
      if (peek(history, HOLDERS + peek(history, at + 2)) === index + 1) lets(history, peek(history, at + 2));
    }
  }
}

export function expired({ history, index }: Thread): void {
  history.world.set(EXPIRING + 2 * index, 0);
  history.world.set(EXPIRING + 2 * index + 1, 0);
}
const isExpiring = (history: History, job: number, lease: number): boolean =>
  history.threads.some(({ index }) => peek(history, EXPIRING + 2 * index) === job && peek(history, EXPIRING + 2 * index + 1) === lease);

const placeAt = (thread: number, place: number) => PLACES + 6 * thread + 3 * place;
export const jobAt = ({ history, index }: Thread, place: number): number => peek(history, placeAt(index, place));
export const leaseAt = ({ history, index }: Thread, place: number): number => peek(history, placeAt(index, place) + 1);
export const valueAt = ({ history, index }: Thread, place: number): number => peek(history, placeAt(index, place) + 2);
export function forget({ history, index }: Thread, place: number): void {
  for (let word = 0; word < 3; word++) history.world.set(placeAt(index, place) + word, 0);
}

const producerOf = (history: History, value: number) =>
  history.model.threads.findIndex(({ program }) => program.some((i) => i.do === "put" && i.value === value));
const queueOf = (history: History, value: number) =>
  history.model.threads.flatMap(({ program }) => program).find((i) => i.do === "put" && i.value === value);

/** A thread was handed a job. */
export function taken(t: Thread, place: number, job: number, lease: number): void {
  const { history, index } = t;
  const { world } = history;
  if (t.isFenced) return; // it can do nothing with it, and the job may be somebody else's already
  if (mayExpire(history) && !isRunning(history, job, lease)) return; // whoever reads the value finds that out, and begins anew
  const value = valueIn(history, job);
  if (value < 1 || value >= VALUES) t.fail(`was handed a job with value ${value}`);
  if (stateOf(history, value) === REFUSED) t.fail(`was handed job ${value}, which was refused`);
  if (acksOf(history, value) > 0) t.fail(`was handed job ${value}, which was acknowledged`);
  const holder = holderOf(history, value);
  if (holder !== undefined) t.fail(`was handed job ${value}, which thread ${holder.index} has`);
  if (!isExpiring(history, job, lease)) world.set(HOLDERS + value, index + 1);
  for (const [i, word] of [job, lease, value].entries()) world.set(placeAt(index, place) + i, word);
  if (peek(history, FIRST + value) !== 0 || peek(history, (job + L.JOB_ATTEMPT) >> 2) !== 1) return; // it was handed to somebody dead before
  world.set(FIRST + value, index + 1);
  for (let later = value + 1; later < VALUES; later++) {
    const isBehind = producerOf(history, later) === producerOf(history, value) && sameQueue(history, value, later);
    if (isBehind && peek(history, FIRST + later) === index + 1) t.fail(`was handed job ${value} after job ${later}, which came behind it`);
  }
}
function sameQueue(history: History, value: number, other: number): boolean {
  const [one, two] = [queueOf(history, value), queueOf(history, other)];
  return one?.do === "put" && two?.do === "put" && one.queue === two.queue;
}

export function acked(t: Thread, value: number): void {
  const { history } = t;
  if (acksOf(history, value) > 0) t.fail(`acknowledged job ${value} a second time`);
  const holder = holderOf(history, value);
  if (holder !== undefined) t.fail(`acknowledged job ${value}, which thread ${holder.index} has`);
  history.world.set(ACKS + value, 1);
  history.world.set(ACKING + value, 0);
}
function isRunning({ world }: History, job: number, lease: number): boolean {
  const at = (offset: number) => world.m[(job + offset) >> 2];
  return at(L.JOB_LEASE) === lease && at(L.JOB_STAGE) === L.JOB_LEASED && at(L.JOB_QUEUE) !== 0;
}
const mayExpire = ({ model }: History) => model.threads.some(({ program }) => program.some((i) => i.do === "expire"));
/** The lease was over: only where leases expire. */
export function wasOver(t: Thread, value: number): void {
  t.history.world.set(ACKING + value, 0);
  if (!mayExpire(t.history) && !t.isFenced) t.fail(`has lost its lease of job ${value}, and leases do not expire`);
}
/** Exact only where calls are atomic: whoever is told of the end finds nothing that could still come. */
export function metEnd(t: Thread, queue: number): void {
  const { history } = t;
  if (!isClosedQueue(history, queue)) t.fail(`was told that queue ${queue} has ended, and it is open`);
  if (!isCurrent(history, queue)) return;
  if (
    field(history, queue, L.LEASED_JOBS) !== 0 ||
    field(history, queue, L.LEASED_LEASES) !== 0 ||
    field(history, queue, L.LEASED_FEEDERS) !== 0
  )
    t.fail(`was told that queue ${queue} has ended, and something may still come`);
}
/** Exact only where calls are atomic. */
export function triedInVain(t: Thread, queue: number, isPut: boolean): void {
  const { history } = t;
  if (!history.isExact || !isCurrent(history, queue)) return;
  const waiting = field(history, queue, isPut ? L.LEASED_PUTTERS : L.LEASED_TAKERS);
  const isReady = isPut
    ? field(history, queue, L.LEASED_QUEUED) < field(history, queue, L.LEASED_CAPACITY)
    : field(history, queue, L.LEASED_JOBS) !== 0;
  if (waiting === 0 && isReady) t.fail(`was told to wait at queue ${queue}, which is ready for it`);
}
