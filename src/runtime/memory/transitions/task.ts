// Tasks: a queue of unstarted ones, threads that wait for one, and the way a result finds its joiner.
//
// States   FREE → QUEUED (taskGo) → RUNNING (taskTake, by the thread that will run it) → DONE (taskFinish; taskFail when that thread died;
//          taskCancel straight from QUEUED) → FREE (taskCollect, by the joiner or whoever drains its ready list)
// Invariants
//   1. An unstarted task belongs to the runtime: it is in exactly one queue and no thread's death touches it.
//   2. QUEUED changes under the queue's lock; RUNNING under the owner's slot lock, or by the supervisor after that slot was fenced.
//   3. A DONE task stands in the ready list of its joiner's slot; it is freed only after that list was taken, so the list is never torn.
//      Slots never move: pushing to the list of a thread that has died is harmless, the next owner of the slot or the supervisor collects it.
//   4. A thread in a queue's idle list is not running a task. Whoever takes it off the list wakes it once; a woken thread that leaves tasks
//      behind wakes the next (taskTake), so idle threads and queued tasks never face each other. A death in between: taskKick.
// Crash    payload of a started task and a result not yet published are private blocks of the dead slot. Reserved admissions return by sweepSlot.

import * as L from "../layout";
import { classAt, disown, giveRecord, own, taken, takeRecord } from "./heap";
import { answer, fire, isFenced, tryLock, unlock, wake } from "./lock";
import { dequeue, idleDrop, idlePop, idlePush } from "./task-queue";

/** Ends a task: outcome, admission, and into its joiner's ready list. Answers the joiner's slot, for wakeJoiner once the locks are free. */
// @ts-ignore: decorator
@inline function end(task: usize, outcome: i32, result: usize): usize {
  const joiner: usize = load<u32>(task, L.TASK_JOINER);
  const queue: usize = load<u32>(task, L.TASK_QUEUE);
  store<u32>(task, <u32>result, L.TASK_RESULT);
  store<i32>(task, outcome, L.TASK_OUTCOME);
  if (load<u32>(queue, L.QUEUE_LIMIT)) atomic.sub<i32>(queue + L.QUEUE_BUSY, 1);
  fire(task, joiner, L.TASK_DONE);
  return joiner;
}

/** Wakes the joiner; if its thread is gone and its ready list may have been taken for the last time, the supervisor looks after it. */
// @ts-ignore: decorator
@inline function wakeJoiner(joiner: usize): void {
  wake(joiner);
  if (atomic.load<i32>(joiner, L.SLOT_STATE) != L.SLOT_LIVE) wake(load<u32>(L.HEAP_SUPERVISOR_AT));
}

/** Admits `count` tasks to a limited queue together, or none: REFUSED. The caller then starts them with taskGo. */
export function taskReserve(slot: usize, epoch: i32, queue: usize, count: i32): i32 {
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (!tryLock(queue + L.QUEUE_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  let status = L.REFUSED;
  if (atomic.load<i32>(queue, L.QUEUE_BUSY) + count <= load<i32>(queue, L.QUEUE_LIMIT)) {
    atomic.add<i32>(queue + L.QUEUE_BUSY, count);
    store<i32>(slot, load<i32>(slot, L.SLOT_RESERVED) + count, L.SLOT_RESERVED);
    status = L.OK;
  }
  unlock(queue + L.QUEUE_LOCK);
  unlock(slot + L.SLOT_LOCK);
  return status;
}

/** Queues a task whose encoded call is the caller's private block `payload`, and wakes an idle thread for it. Answers address and generation. */
export function taskGo(slot: usize, epoch: i32, queue: usize, payload: usize): i32 {
  const home = classAt(L.KIND_TASK);
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  const limited = load<u32>(queue, L.QUEUE_LIMIT) != 0;
  if (load<u32>(payload, L.BLOCK_OWNER) != <u32>slot || (limited && !load<u32>(slot, L.SLOT_RESERVED))) {
    unlock(slot + L.SLOT_LOCK);
    return L.REFUSED;
  }
  if (!tryLock(queue + L.QUEUE_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  if (!tryLock(home + L.CLASS_LOCK)) {
    unlock(queue + L.QUEUE_LOCK);
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  const status = takeRecord(L.KIND_TASK, L.TASK_SIZE, L.TASK_FREE_NEXT, L.CHUNK_RECORDS);
  let woken: usize = 0;
  if (status == L.OK) {
    const task = taken;
    if (limited) store<u32>(slot, load<u32>(slot, L.SLOT_RESERVED) - 1, L.SLOT_RESERVED);
    disown(slot, payload);
    store<u32>(task, L.RECORD_TASK, L.READY_RECORD);
    store<u32>(task, <u32>queue, L.TASK_QUEUE);
    store<u32>(task, <u32>payload, L.TASK_PAYLOAD);
    store<u32>(task, <u32>slot, L.TASK_JOINER);
    store<i32>(task, epoch, L.TASK_JOINER_EPOCH);
    const last: usize = load<u32>(queue, L.QUEUE_TAIL);
    store<u32>(task, <u32>last, L.TASK_QUEUE_PREV);
    store<u32>(task, 0, L.TASK_QUEUE_NEXT);
    if (last) store<u32>(last, <u32>task, L.TASK_QUEUE_NEXT);
    else store<u32>(queue, <u32>task, L.QUEUE_HEAD);
    store<u32>(queue, <u32>task, L.QUEUE_TAIL);
    store<u32>(queue, load<u32>(queue, L.QUEUE_LENGTH) + 1, L.QUEUE_LENGTH);
    atomic.store<i32>(task, L.TASK_QUEUED, L.TASK_STATE);
    atomic.add<i32>(L.LIVE_AT + L.LIVE_TASKS, 1);
    answer(slot, task);
    store<i32>(slot, load<i32>(task, L.TASK_GEN), L.SLOT_RESULT_GEN);
    woken = idlePop(queue);
  }
  unlock(home + L.CLASS_LOCK);
  unlock(queue + L.QUEUE_LOCK);
  unlock(slot + L.SLOT_LOCK);
  if (woken) wake(woken);
  if (limited && status == L.OK) wake(load<u32>(L.HEAP_SUPERVISOR_AT)); // it starts a thread if none is free
  return status;
}

/**
 * Takes the oldest unstarted task for the calling thread; its payload becomes the thread's private block (answers payload and task). NONE: there is
 * none, and after TAKE_OR_IDLE the thread stands in the idle list. LEAVE_IDLE takes nothing.
 */
export function taskTake(slot: usize, epoch: i32, queue: usize, mode: i32): i32 {
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (!tryLock(queue + L.QUEUE_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  const standsIn: u32 = load<u32>(slot, L.SLOT_IDLE_QUEUE);
  if (standsIn && standsIn != <u32>queue) {
    unlock(queue + L.QUEUE_LOCK);
    unlock(slot + L.SLOT_LOCK);
    return L.REFUSED; // a thread stands in one idle list at most
  }
  let status = L.NONE;
  const listed = standsIn != 0;
  const task: usize = mode == L.LEAVE_IDLE ? 0 : load<u32>(queue, L.QUEUE_HEAD);
  if (listed && (task || mode != L.TAKE_OR_IDLE)) idleDrop(queue, slot);
  if (task) {
    dequeue(queue, task);
    own(slot, load<u32>(task, L.TASK_PAYLOAD));
    answer(slot, load<u32>(task, L.TASK_PAYLOAD));
    store<u32>(slot, <u32>task, L.SLOT_RESULT_GEN);
    store<u32>(task, 0, L.TASK_PAYLOAD);
    store<u32>(task, <u32>slot, L.TASK_OWNER);
    store<i32>(task, epoch, L.TASK_OWNER_EPOCH);
    atomic.store<i32>(task, L.TASK_RUNNING, L.TASK_STATE);
    status = L.OK;
  } else if (mode == L.TAKE_OR_IDLE && !listed) {
    idlePush(queue, slot);
  }
  const woken = idlePop(queue);
  unlock(queue + L.QUEUE_LOCK);
  unlock(slot + L.SLOT_LOCK);
  if (woken) wake(woken);
  return status;
}

/** Supervisor, after a death: a wake meant for the dead thread goes to another. */
export function taskKick(queue: usize): i32 {
  if (!tryLock(queue + L.QUEUE_LOCK)) return L.BUSY;
  const woken = idlePop(queue);
  unlock(queue + L.QUEUE_LOCK);
  if (woken) wake(woken);
  return L.OK;
}

/** The running thread ends its task; `result` (0 for undefined) is a private block that now belongs to the joiner. NONE if the task is not its own. */
export function taskFinish(slot: usize, epoch: i32, task: usize, outcome: i32, result: usize): i32 {
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (
    atomic.load<i32>(task, L.TASK_STATE) != L.TASK_RUNNING ||
    load<u32>(task, L.TASK_OWNER) != <u32>slot ||
    load<i32>(task, L.TASK_OWNER_EPOCH) != epoch ||
    (result && load<u32>(result, L.BLOCK_OWNER) != <u32>slot)
  ) {
    unlock(slot + L.SLOT_LOCK);
    return L.NONE;
  }
  if (result) disown(slot, result);
  const joiner = end(task, outcome, result);
  unlock(slot + L.SLOT_LOCK);
  wakeJoiner(joiner);
  return L.OK;
}

/** Supervisor, after the fence: ends a task whose thread is gone; `cause` is a private block of the caller that tells why, or 0. NONE if it is not such a task. */
export function taskFail(slot: usize, epoch: i32, task: usize, cause: usize): i32 {
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (
    atomic.load<i32>(task, L.TASK_STATE) != L.TASK_RUNNING ||
    atomic.load<i32>(load<u32>(task, L.TASK_OWNER), L.SLOT_EPOCH) == load<i32>(task, L.TASK_OWNER_EPOCH) ||
    (cause && load<u32>(cause, L.BLOCK_OWNER) != <u32>slot)
  ) {
    unlock(slot + L.SLOT_LOCK);
    return L.NONE;
  }
  if (cause) disown(slot, cause);
  const joiner = end(task, L.OUTCOME_DIED, cause);
  unlock(slot + L.SLOT_LOCK);
  wakeJoiner(joiner);
  return L.OK;
}

/** Takes an unstarted task out of its queue and ends it as cancelled; its payload becomes the caller's private block (answered). NONE: it has started. STALE: it is gone. */
export function taskCancel(slot: usize, epoch: i32, task: usize, gen: i32): i32 {
  const queue: usize = load<u32>(task, L.TASK_QUEUE); // never 0 in a record that was a task once
  if (!queue) return L.STALE;
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (!tryLock(queue + L.QUEUE_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  let status = L.OK;
  let joiner: usize = 0;
  // The state first: seen QUEUED, generation and queue read after it are that task's, and in this queue they stand still while its lock is held. The
  // other way round the record could be freed and serve another queue in between.
  const state = atomic.load<i32>(task, L.TASK_STATE);
  if (load<i32>(task, L.TASK_GEN) != gen || load<u32>(task, L.TASK_QUEUE) != <u32>queue) status = L.STALE;
  else if (state != L.TASK_QUEUED) status = L.NONE;
  else {
    dequeue(queue, task);
    own(slot, load<u32>(task, L.TASK_PAYLOAD));
    answer(slot, load<u32>(task, L.TASK_PAYLOAD));
    store<u32>(task, 0, L.TASK_PAYLOAD);
    joiner = end(task, L.OUTCOME_CANCELLED, 0);
  }
  unlock(queue + L.QUEUE_LOCK);
  unlock(slot + L.SLOT_LOCK);
  if (joiner) wakeJoiner(joiner);
  return status;
}

/** Frees a DONE task taken from a ready list. Answers its result block (now the caller's private block, or 0) and its outcome. */
export function taskCollect(slot: usize, epoch: i32, task: usize): i32 {
  const home = classAt(L.KIND_TASK);
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (atomic.load<i32>(task, L.TASK_STATE) != L.TASK_DONE) {
    unlock(slot + L.SLOT_LOCK);
    return L.NONE;
  }
  if (!tryLock(home + L.CLASS_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  const result: usize = load<u32>(task, L.TASK_RESULT);
  if (result) own(slot, result);
  answer(slot, result);
  store<i32>(slot, load<i32>(task, L.TASK_OUTCOME), L.SLOT_RESULT_GEN);
  store<i32>(task, load<i32>(task, L.TASK_GEN) + 1, L.TASK_GEN);
  store<u32>(task, 0, L.TASK_RESULT);
  atomic.store<i32>(task, L.TASK_FREE, L.TASK_STATE);
  giveRecord(L.KIND_TASK, task, L.TASK_FREE_NEXT);
  const wasLast = atomic.sub<i32>(L.LIVE_AT + L.LIVE_TASKS, 1) == 1;
  unlock(home + L.CLASS_LOCK);
  unlock(slot + L.SLOT_LOCK);
  if (wasLast) wake(load<u32>(L.HEAP_SUPERVISOR_AT)); // it keeps the process alive while there are tasks
  return L.OK;
}
