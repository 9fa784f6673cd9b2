// Steps at leased queues that threads and the supervisor share: serving, freeing, giving back. They go on with the step in AFTER.

import * as L from "../src/runtime/memory/layout.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import { broken } from "./park.ts";
import * as R from "./registers.ts";
import { step, type Thread } from "./thread.ts";

const [leaseServe, leaseFree, leaseReturn, blockAlloc, blockFree] = (
  "leaseServe leaseFree leaseReturn blockAlloc blockFree".split(" ") as string[]
).map(indexOf) as [number, number, number, number, number];

const SERVED = R.BLOCKS; // the queue that is served
const AFTER = R.BLOCKS + 1;
export const JOB = R.BLOCKS + 2;
export const LEASE = R.RECEIVED_BLOCK;
export const QUEUE = 30; // address of the queue that is meant
const CAUSE = R.PROGRESS;
const DEAD = 31; // dead letters to be served afterwards
const STATUS = R.BESIDE;
const RETURNED = 11; // step after a return

export const peek = (t: Thread, address: number) => t.world.m[address >> 2]!;

/** Goes on after a call at a queue: serves whoever can be served, frees what has ended. */
export function goOn(t: Thread, queue: number, status: number, next: number): void {
  t.setRegister(SERVED, queue);
  t.setRegister(AFTER, next);
  if (status === L.AGAIN && !broken.noServe) t.goTo(serving);
  else if (status === L.CLOSED) t.goTo(freeing);
  else if (status === L.OK || status === L.AGAIN) over(t);
  else t.fail(`a step at a leased queue answered ${status}`);
}
function over(t: Thread): void {
  const next = t.register(AFTER);
  t.setRegister(SERVED, 0);
  t.setRegister(AFTER, 0);
  t.goTo(next);
}
const serving = step("serve the next at a leased queue", (t) => t.call(leaseServe, served, t.register(SERVED), t.slot, t.epoch, 0, 0));
const served = step("served at a leased queue", (t, status) => {
  if (!isRefused(t, status, serving)) goOn(t, t.register(SERVED), status, t.register(AFTER));
});
const freeing = step("free a leased queue", (t) => {
  const queue = t.register(SERVED);
  t.call(leaseFree, freed, queue, peek(t, queue + L.LEASED_GEN), t.slot, t.epoch);
});
const freed = step("freed a leased queue", (t, status) => {
  if (isRefused(t, status, freeing)) return;
  if (status !== L.OK && status !== L.REFUSED && status !== L.STALE) t.fail(`leaseFree answered ${status}`);
  const dead = status === L.OK ? t.read(t.slot + L.SLOT_RESULT) : 0;
  if (dead !== 0) goOn(t, dead, L.AGAIN, t.register(AFTER));
  else over(t);
});

/** Gives back the lease of JOB and LEASE at QUEUE, with a cause; then `next`. */
export function giveBack(t: Thread, next: number): void {
  t.setRegister(RETURNED, next);
  t.goTo(makingCause);
}
const makingCause = step("a cause", (t) => t.call(blockAlloc, madeCause, t.slot, t.epoch, 8));
const madeCause = step("made a cause", (t, status) => {
  if (isRefused(t, status, makingCause)) return;
  if (status !== L.OK) t.fail(`blockAlloc answered ${status}`);
  t.setRegister(CAUSE, t.read(t.slot + L.SLOT_RESULT));
  t.goTo(returning);
});
const returning = step("give a job back", (t) =>
  t.call(leaseReturn, returned, t.register(QUEUE), t.slot, t.epoch, t.register(JOB), t.register(LEASE), t.register(CAUSE)),
);
const returned = step("gave a job back", (t, status) => {
  if (isRefused(t, status, returning)) return;
  const isOver = status === L.NONE;
  if (!isOver) {
    t.setRegister(CAUSE, t.read(t.slot + L.SLOT_RESULT));
    t.setRegister(DEAD, t.read(t.slot + L.SLOT_RESULT_GEN));
  }
  t.setRegister(STATUS, isOver ? L.OK : status);
  t.goTo(t.register(CAUSE) === 0 ? replaced : dropping);
});
const dropping = step("free an old cause", (t) => t.call(blockFree, dropped, t.slot, t.epoch, t.register(CAUSE)));
const dropped = step("freed an old cause", (t, status) => {
  if (isRefused(t, status, dropping)) return;
  if (status !== L.OK) t.fail(`a cause cannot be freed: ${status}`);
  t.goTo(replaced);
});
const replaced = step("serve the dead letters", (t) => {
  t.setRegister(CAUSE, 0);
  const dead = t.register(DEAD);
  t.setRegister(DEAD, 0);
  if (dead === 0) t.goTo(lastly);
  else goOn(t, dead, L.AGAIN, lastly);
});
const lastly = step("serve where it came from", (t) => {
  const [queue, status, next] = [t.register(QUEUE), t.register(STATUS), t.register(RETURNED)];
  for (const register of [STATUS, RETURNED, QUEUE, JOB, LEASE]) t.setRegister(register, 0);
  goOn(t, queue, status, next);
});
