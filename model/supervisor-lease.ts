// What the supervisor mends at leased queues: nodes of the dead, whoever it was about to serve, its leases, the jobs it had made and not put.

import * as L from "../src/runtime/memory/layout.ts";
import { giveBack, goOn, JOB, LEASE, peek, QUEUE } from "./lease-steps.ts";
import { broken } from "./park.ts";
import { recordsOf } from "./records.ts";
import * as R from "./registers.ts";
import { victim } from "./staff.ts";
import { fn, repeat } from "./supervisor-calls.ts";
import { step, type Thread } from "./thread.ts";

const NODE = R.HELD;
const THEN = R.RESULT;
const AT = R.RESUMED;

/** The node of a dead operation, which is cancelled or fired: it waits no more; then `next`. */
export function sweepLeasedNode(t: Thread, node: number, next: number): void {
  const queue = peek(t, node + L.NODE_LEASED);
  t.setRegister(QUEUE, queue);
  t.setRegister(NODE, queue === 0 ? 0 : node);
  t.setRegister(THEN, queue === 0 ? 0 : next);
  t.goTo(queue === 0 ? next : withdrawing);
}
const withdrawing = step("withdraw from a queue for the dead", (t) =>
  t.call(fn.leaseServe!, withdrew, t.register(QUEUE), t.slot, t.epoch, t.register(NODE), 0),
);
const withdrew = step("withdrew from a queue for the dead", (t, status) => {
  if (repeat(t, status, withdrawing, L.OK, L.AGAIN, L.CLOSED)) return;
  const [queue, next] = [t.register(QUEUE), t.register(THEN)];
  for (const register of [QUEUE, NODE, THEN]) t.setRegister(register, 0);
  goOn(t, queue, status, next);
});

/** Every queue is served, then the leases of the dead return, then, after its exit, what it had made is dropped; then `next`. */
export function sweepLeases(t: Thread, next: number): void {
  const hasQueues = t.history.model.queues !== undefined;
  t.setRegister(THEN, hasQueues ? next : 0);
  t.setRegister(AT, 0);
  t.goTo(hasQueues ? nextQueue : next);
}
const nextQueue = step("next leased queue", (t) => {
  const queues = broken.noServeAfterDeath ? [] : recordsOf(t.world, L.KIND_LEASED, L.LEASED_SIZE);
  let at = t.register(AT);
  while (at < queues.length && peek(t, queues[at]! + L.LEASED_LIVE) !== 1) at++;
  t.setRegister(AT, at + 1);
  const queue = queues[at];
  if (queue !== undefined) return goOn(t, queue, L.AGAIN, nextQueue);
  t.setRegister(AT, 0);
  t.goTo(nextLease);
});

function jobOf(t: Thread, state: number): number {
  const { slot } = victim(t);
  const jobs = recordsOf(t.world, L.KIND_JOB, L.JOB_SIZE).filter(
    (job) => peek(t, job + L.JOB_OWNER) === slot && peek(t, job + L.JOB_STAGE) === state,
  );
  // The newest first, so that in the end they stand in their old order.
  return jobs.sort((a, b) => peek(t, b + L.JOB_ORDER) - peek(t, a + L.JOB_ORDER))[0] ?? 0;
}
const nextLease = step("next lease of the dead", (t) => {
  const job = broken.noReturn ? 0 : jobOf(t, L.JOB_LEASED);
  const queue = job === 0 ? 0 : peek(t, job + L.JOB_QUEUE);
  if (job === 0 || queue === 0) return t.goTo(nextMade);
  t.setRegister(JOB, job);
  t.setRegister(QUEUE, queue);
  t.goTo(looking);
});
const looking = step("look at a lease of the dead", (t) =>
  t.call(fn.leaseLook!, looked, t.register(QUEUE), t.slot, t.epoch, t.register(JOB)),
);
const looked = step("looked at a lease of the dead", (t, status) => {
  if (repeat(t, status, looking, L.OK, L.NONE)) return;
  if (status === L.NONE || peek(t, t.register(JOB) + L.JOB_OWNER) !== victim(t).slot) {
    t.setRegister(JOB, 0);
    t.setRegister(QUEUE, 0);
    return t.goTo(nextLease);
  }
  t.setRegister(LEASE, t.read(t.slot + L.SLOT_RESULT_GEN));
  giveBack(t, nextLease);
});

const nextMade = step("next job made by the dead", (t) => {
  const job = t.register(R.AFTER_EXIT) === 1 ? jobOf(t, L.JOB_MADE) : 0;
  t.setRegister(JOB, job);
  if (job !== 0) return t.goTo(dropping);
  const next = t.register(THEN);
  t.setRegister(THEN, 0);
  t.goTo(next);
});
const dropping = step("drop a job of the dead", (t) => t.call(fn.leaseDrop!, dropped, t.slot, t.epoch, t.register(JOB)));
const dropped = step("dropped a job of the dead", (t, status) => {
  if (repeat(t, status, dropping, L.OK)) return;
  t.setRegister(NODE, t.read(t.slot + L.SLOT_RESULT));
  t.goTo(t.register(NODE) === 0 ? nextMade : freeing);
});
const freeing = step("free its value", (t) => t.call(fn.blockFree!, freed, t.slot, t.epoch, t.register(NODE)));
const freed = step("freed its value", (t, status) => {
  if (repeat(t, status, freeing, L.OK)) return;
  t.setRegister(NODE, 0);
  t.goTo(nextMade);
});
