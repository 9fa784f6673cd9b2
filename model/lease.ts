// Leased queues as src/runtime/lease uses them: a job is made and put, waited for and given up, leased, acknowledged, given back, reclaimed.

import * as L from "../src/runtime/memory/layout.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import * as H from "./lease-history.ts";
import { giveBack, goOn, JOB, LEASE, QUEUE } from "./lease-steps.ts";
import { whenSync } from "./operation.ts";
import { drainOnce, park } from "./park.ts";
import type { LeaseInstruction } from "./program-lease.ts";
import * as R from "./registers.ts";
import { begins, finish } from "./run.ts";
import { step, type Thread } from "./thread.ts";

const [cancel, leasePut, leaseTake, leaseServe, leaseLook, leaseAck, leaseJob, leaseDrop, leaseClose, leaseMake, blockAlloc, blockFree] = (
  "cancel leasePut leaseTake leaseServe leaseLook leaseAck leaseJob leaseDrop leaseClose leaseMake blockAlloc blockFree".split(
    " ",
  ) as string[]
).map(indexOf) as number[] as [number, number, number, number, number, number, number, number, number, number, number, number];

const PLACE = 1; // the operation that waits
const BLOCK = R.HELD;
const CAUSES = R.TASK;

const as = <K extends LeaseInstruction["do"]>(t: Thread, kind: K): Extract<LeaseInstruction, { do: K }> => {
  if (t.instruction.do !== kind) return t.fail(`is not at ${kind}`);
  return t.instruction as Extract<LeaseInstruction, { do: K }>;
};
const waitOf = (t: Thread) => (t.instruction.do === "put" ? t.instruction : as(t, "lease"));
const opOf = (t: Thread) => t.ops + PLACE * L.OP_SIZE;
const nodeOf = (t: Thread) => opOf(t) + L.OP_NODE;
const over = step("over with a queue", (t) => finish(t));

function prepare(t: Thread, direction: number, value: number): void {
  const op = opOf(t);
  t.write(op + L.READY_RECORD, L.RECORD_OP);
  t.write(op + L.OP_SLOT, t.slot);
  t.write(op + L.OP_EPOCH, t.epoch);
  t.write(op + L.OP_NODE + L.NODE_OP, op);
  t.write(op + L.OP_NODE + L.NODE_KIND, direction);
  t.write(op + L.OP_NODE + L.NODE_VALUE, value);
  t.write(op + L.OP_NODE + L.NODE_VALUE + 4, 0);
  const { history } = t;
  t.setRegister(QUEUE, H.queueAt(history, waitOf(t).queue));
  t.setRegister(R.SETTLED + PLACE, 0);
}
const handleOf = (t: Thread) => [t.register(QUEUE), H.generationOf(t.history, waitOf(t).queue), t.slot, t.epoch, nodeOf(t)] as const;

// ── Putting ──
begins(
  "put",
  step("put a job", (t) => {
    const { queue } = as(t, "put");
    if (H.queueAt(t.history, queue) === 0) return finish(t); // it could not be made
    t.goTo(H.planOf(t.history, queue).blocks ? makingBlock : makingJob);
  }),
);
const makingBlock = step("a block for a job", (t) => t.call(blockAlloc, madeBlock, t.slot, t.epoch, 8));
const madeBlock = step("made a block for a job", (t, status) => {
  if (isRefused(t, status, makingBlock)) return;
  const block = t.read(t.slot + L.SLOT_RESULT);
  t.write(block + L.BLOCK_HEADER, as(t, "put").value);
  t.setRegister(BLOCK, block);
  t.goTo(makingJob);
});
const makingJob = step("make a job", (t) => t.call(leaseJob, madeJob, t.slot, t.epoch, t.register(BLOCK)));
const madeJob = step("made a job", (t, status) => {
  if (isRefused(t, status, makingJob)) return;
  if (status !== L.OK) t.fail(`leaseJob answered ${status}`);
  const job = t.read(t.slot + L.SLOT_RESULT);
  if (t.register(BLOCK) === 0) t.write(job + L.JOB_VALUE, as(t, "put").value);
  t.setRegister(BLOCK, 0);
  t.setRegister(JOB, job);
  prepare(t, L.SENDING, job);
  H.putting(t, as(t, "put").value);
  t.goTo(puttingNow);
});
const puttingNow = step("put it", (t) => t.call(leasePut, put, ...handleOf(t), waitOf(t).try ? 0 : L.LINK));
const put = step("put it, or not", (t, status) => {
  if (isRefused(t, status, puttingNow)) return;
  const { queue, value } = as(t, "put");
  if (status === L.OK || status === L.AGAIN) {
    H.accepted(t, value);
    goOn(t, t.register(QUEUE), status, over);
  } else if (status === L.PARKED) park(t, PLACE, settled, as(t, "put").timer === true);
  else if (status === L.CLOSED) refuse(t, true);
  else if (status === L.BLOCK && waitOf(t).try) {
    H.triedInVain(t, queue, true);
    refuse(t, false);
  } else t.fail(`leasePut answered ${status}`);
});
function refuse(t: Thread, isClosed: boolean): void {
  const { queue, value } = as(t, "put");
  H.refusedPut(t, queue, value, isClosed);
  t.goTo(dropping);
}
const dropping = step("drop a job", (t) => t.call(leaseDrop, dropped, t.slot, t.epoch, t.register(JOB)));
const dropped = step("dropped a job", (t, status) => {
  if (isRefused(t, status, dropping)) return;
  if (status !== L.OK) t.fail(`leaseDrop answered ${status}`);
  t.setRegister(BLOCK, t.read(t.slot + L.SLOT_RESULT));
  t.goTo(t.register(BLOCK) === 0 ? over : freeingBlock);
});
const freeingBlock = step("free its block", (t) => t.call(blockFree, freedBlock, t.slot, t.epoch, t.register(BLOCK)));
const freedBlock = step("freed its block", (t, status) => {
  if (isRefused(t, status, freeingBlock)) return;
  if (status !== L.OK) t.fail(`the block of a job cannot be freed: ${status}`);
  t.goTo(over);
});

// ── Leasing ──
begins(
  "lease",
  step("lease a job", (t) => {
    if (H.queueAt(t.history, as(t, "lease").queue) === 0) return finish(t);
    prepare(t, L.RECEIVING, 0);
    t.goTo(taking);
  }),
);
const taking = step("take", (t) => t.call(leaseTake, took, ...handleOf(t), waitOf(t).try ? 0 : L.LINK));
const took = step("took, or not", (t, status) => {
  if (isRefused(t, status, taking)) return;
  const { queue } = as(t, "lease");
  if (status === L.OK || status === L.AGAIN) note(t);
  else if (status === L.PARKED) return park(t, PLACE, settled, as(t, "lease").timer === true);
  else if (status === L.CLOSED) {
    if (t.history.isExact) H.metEnd(t, queue);
  } else if (status === L.BLOCK && waitOf(t).try) {
    H.triedInVain(t, queue, false);
    return t.goTo(over);
  } else t.fail(`leaseTake answered ${status}`);
  goOn(t, t.register(QUEUE), status, over);
});
function note(t: Thread): void {
  const op = opOf(t);
  H.taken(t, as(t, "lease").place, t.read(op + L.OP_VALUE), t.read(op + L.OP_VALUE + 4));
}

// ── Waiting ──
const settled = step("settled at a queue", (t) => {
  const state = t.register(R.SETTLED + PLACE);
  if (state === 0) return t.goTo(givingUp);
  rest(t);
  t.goTo(t.instruction.do === "put" && (state & 1) === 1 ? dropping : over);
});
const givingUp = step("give up at a queue", (t) => t.call(cancel, gaveUp, opOf(t)));
const gaveUp = step("gave up at a queue", (t, status) => {
  if (status === L.BUSY) return t.goTo(givingUp);
  if (status === L.FIRED) return drainOnce(t, afterLateFire);
  if (status === L.NONE && !t.isFenced) t.fail("its own waiting operation was not waiting");
  t.goTo(withdrawing);
});
const afterLateFire = step("after a late fire at a queue", (t) => park(t, PLACE, settled, false));
const withdrawing = step("withdraw from a queue", (t) => t.call(leaseServe, withdrew, t.register(QUEUE), t.slot, t.epoch, nodeOf(t), 0));
const withdrew = step("withdrew from a queue", (t, status) => {
  if (isRefused(t, status, withdrawing)) return;
  rest(t);
  if (t.instruction.do === "put") H.refusedPut(t, t.instruction.queue, t.instruction.value, false);
  goOn(t, t.register(QUEUE), status, t.instruction.do === "put" ? dropping : over);
});
function rest(t: Thread): void {
  t.world.set((opOf(t) + L.OP_STATE) >> 2, L.OP_IDLE);
}

whenSync((t, op, state) => {
  const { instruction } = t;
  if (instruction.do !== "put" && instruction.do !== "lease") return false;
  const isPut = instruction.do === "put";
  if (op !== PLACE || state >> 1 !== (L.OP_FIRED >> 1) + (isPut ? L.SENDING : L.RECEIVING))
    t.fail(`was fired at place ${op} with ${state}`);
  const isClosed = (state & 1) === 1;
  if (!isPut && isClosed) {
    if (t.history.isExact) H.metEnd(t, instruction.queue);
  } else if (!isPut) note(t);
  else if (isClosed) H.refusedPut(t, instruction.queue, instruction.value, true);
  else H.accepted(t, instruction.value);
  return true;
});

// ── Ending a lease ──
function recall(t: Thread, place: number): boolean {
  if (H.jobAt(t, place) === 0) return false;
  const { history } = t;
  t.setRegister(JOB, H.jobAt(t, place));
  t.setRegister(LEASE, H.leaseAt(t, place));
  t.setRegister(R.OUTCOME, H.valueAt(t, place));
  const queue = t.program.slice(0, t.at).reduce((last, i) => (i.do === "lease" && i.place === place ? i.queue : last), 0);
  t.setRegister(QUEUE, H.queueAt(history, queue));
  return true;
}
function letGo(t: Thread, place: number): void {
  if (!t.isFenced && H.holds(t, H.valueAt(t, place))) H.lets(t.history, H.valueAt(t, place));
  H.forget(t, place);
}
begins(
  "ack",
  step("acknowledge", (t) => {
    if (!recall(t, as(t, "ack").place)) return finish(t);
    t.load(t.slot + L.SLOT_STATE, acking); // a moment with the job in hand
  }),
);
const acking = step("acknowledge now", (t) => {
  letGo(t, as(t, "ack").place);
  if (!t.isFenced) H.acking(t, t.register(R.OUTCOME));
  t.goTo(ackingNow);
});
const ackingNow = step("ack", (t) => t.call(leaseAck, acked, t.register(QUEUE), t.slot, t.epoch, t.register(JOB), t.register(LEASE)));
const acked = step("acknowledged, or too late", (t, status) => {
  if (isRefused(t, status, ackingNow)) return;
  if (status === L.NONE) {
    H.wasOver(t, t.register(R.OUTCOME));
    return finish(t);
  }
  H.acked(t, t.register(R.OUTCOME));
  t.setRegister(BLOCK, t.read(t.slot + L.SLOT_RESULT));
  t.setRegister(CAUSES, t.read(t.slot + L.SLOT_RESULT_GEN));
  t.setRegister(R.OUTCOME, status);
  t.goTo(freeing);
});
const freeing = step("free what it left", (t) => {
  const block = t.register(BLOCK) || t.register(CAUSES);
  if (block !== 0) t.call(blockFree, freed, t.slot, t.epoch, block);
  else goOn(t, t.register(QUEUE), t.register(R.OUTCOME), over);
});
const freed = step("freed what it left", (t, status) => {
  if (isRefused(t, status, freeing)) return;
  if (status !== L.OK) t.fail(`what a job left cannot be freed: ${status}`);
  t.setRegister(t.register(BLOCK) === 0 ? CAUSES : BLOCK, 0);
  t.goTo(freeing);
});
begins(
  "nack",
  step("give back", (t) => {
    const { place } = as(t, "nack");
    if (!recall(t, place)) return finish(t);
    letGo(t, place);
    giveBack(t, over);
  }),
);
begins(
  "expire",
  step("reclaim", (t) => {
    t.setRegister(QUEUE, H.queueAt(t.history, as(t, "expire").queue));
    t.goTo(looking);
  }),
);
const looking = step("look at the oldest lease", (t) => t.call(leaseLook, looked, t.register(QUEUE), t.slot, t.epoch, 0));
const looked = step("looked at the oldest lease", (t, status) => {
  if (isRefused(t, status, looking)) return;
  if (status === L.NONE) return finish(t);
  t.setRegister(JOB, t.read(t.slot + L.SLOT_RESULT));
  t.setRegister(LEASE, t.read(t.slot + L.SLOT_RESULT_GEN));
  H.expiring(t, t.register(JOB), t.register(LEASE));
  giveBack(t, reclaimed);
});

const reclaimed = step("reclaimed", (t) => {
  H.expired(t);
  finish(t);
});

// ── Closing, making ──
begins(
  "closeQueue",
  step("close a queue", (t) => {
    if (H.queueAt(t.history, as(t, "closeQueue").queue) === 0) return finish(t);
    H.closingQueue(t.history, as(t, "closeQueue").queue);
    t.goTo(closing);
  }),
);
const closing = step("close it, a queue", (t) => {
  const { queue } = as(t, "closeQueue");
  t.setRegister(QUEUE, H.queueAt(t.history, queue));
  t.call(leaseClose, closed, t.register(QUEUE), H.generationOf(t.history, queue), t.slot, t.epoch);
});
const closed = step("closed it, a queue", (t, status) => {
  if (isRefused(t, status, closing)) return;
  if (status === L.STALE) finish(t);
  else goOn(t, t.register(QUEUE), status, over);
});
const making = step("make a queue", (t) => {
  const { capacity, attempts, dead } = H.planOf(t.history, as(t, "makeQueue").queue);
  const deadAt = dead === undefined ? [0, 0] : [H.queueAt(t.history, dead), H.generationOf(t.history, dead)];
  t.call(leaseMake, made, t.slot, t.epoch, capacity, attempts, ...deadAt);
});
const made = step("made a queue", (t, status) => {
  if (isRefused(t, status, making)) return;
  if (status === L.CLOSED) return finish(t);
  if (status !== L.OK) t.fail(`leaseMake answered ${status}`);
  H.madeQueue(t.history, as(t, "makeQueue").queue, t.read(t.slot + L.SLOT_RESULT), t.read(t.slot + L.SLOT_RESULT_GEN));
  finish(t);
});
begins("makeQueue", making);
