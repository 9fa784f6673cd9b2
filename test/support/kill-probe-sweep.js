// What a supervisor does about a dead thread, by the book: fence → everything others can meet → (after the exit) tasks, operations, blocks → the slot
// is free again. Every step is one transition, so the sweep may run under full traffic of the other threads.

import { addresses, records } from "./kill-probe-load.js";

export class LockHeldError extends Error {}

/** The supervising side over one heap; `self` is its own slot. `swept` counts what it found: the evidence that kills hit threads in the middle of work. */
export function supervisor(L, memory, fn) {
  const at = addresses(L);
  const i32 = new Int32Array(memory.buffer);
  const u32 = new Uint32Array(memory.buffer);
  const self = at.slot(0);
  const swept = {
    closes: 0,
    waits: 0,
    nodes: 0,
    tasksRunning: 0,
    tasksUncollected: 0,
    channels: 0,
    reserved: 0,
    idle: 0,
    chunks: 0,
    blocks: 0,
  };

  function call(name, ...args) {
    const start = Date.now();
    for (let tries = 0; ; tries++) {
      const status = fn[name](...args);
      if (status !== L.BUSY) return status;
      if ((tries & 1023) === 1023 && Date.now() - start > 4_000) throw new LockHeldError(`${name}(${args.join(", ")}) stays BUSY`);
    }
  }

  function open(index) {
    const status = call("slotOpen", at.slot(index));
    if (status !== L.OK) throw new Error(`slot ${index}: expected slotOpen to answer OK, got ${status}`);
    return i32[(at.slot(index) + L.SLOT_RESULT) >> 2];
  }
  const epoch = open(0);

  function* operations(slot) {
    for (let chunk = u32[(slot + L.SLOT_CHUNKS) >> 2]; chunk !== 0; chunk = u32[(chunk + L.CHUNK_NEXT) >> 2]) {
      for (let i = 0; i < L.OPS_PER_CHUNK; i++) yield chunk + L.LINE + i * L.OP_SIZE;
    }
  }

  /** All that other threads can meet. Safe while the fenced thread still runs. */
  function sweepShared(slot) {
    const intent = u32[(slot + L.SLOT_INTENT) >> 2];
    if (intent !== 0) {
      swept.closes++;
      while (call("close", intent, i32[(slot + L.SLOT_INTENT_GEN) >> 2], self, epoch, 1) === L.AGAIN);
    }
    for (const op of operations(slot)) {
      if (Atomics.load(i32, (op + L.OP_STATE) >> 2) === L.OP_WAITING && call("cancel", op) === L.OK) swept.waits++;
      const channel = u32[(op + L.OP_NODE + L.NODE_CHANNEL) >> 2];
      if (channel !== 0) {
        swept.nodes++;
        call("unlink", channel, self, epoch, op + L.OP_NODE);
      }
    }
    for (const task of records(u32, L, L.KIND_TASK, L.TASK_SIZE)) {
      if (Atomics.load(i32, (task + L.TASK_STATE) >> 2) !== L.TASK_RUNNING || u32[(task + L.TASK_OWNER) >> 2] !== slot) continue;
      if (call("taskFail", self, epoch, task, 0) === L.OK) swept.tasksRunning++;
    }
    swept.reserved += u32[(slot + L.SLOT_RESERVED) >> 2];
    if (u32[(slot + L.SLOT_IDLE_QUEUE) >> 2] !== 0) swept.idle++;
    call("sweepSlot", slot);
    for (const queue of at.queues) call("taskKick", queue);
  }

  function collect(task) {
    if (call("taskCollect", self, epoch, task) !== L.OK) return;
    const result = u32[(self + L.SLOT_RESULT) >> 2];
    if (result !== 0) call("blockFree", self, epoch, result);
  }

  /** Takes the ready list of a slot whose thread is gone: its operations mean nothing any more, its tasks are collected. */
  function drain(slot) {
    let record = Atomics.exchange(u32, (slot + L.SLOT_READY) >> 2, 0);
    while (record !== 0) {
      const isTask = u32[(record + L.READY_RECORD) >> 2] === L.RECORD_TASK;
      const released = () => Atomics.load(i32, (record + L.READY_STATE) >> 2);
      while (isTask ? released() !== L.TASK_DONE : released() < L.OP_FIRED);
      const next = u32[(record + L.READY_NEXT) >> 2];
      if (isTask) collect(record);
      record = next;
    }
  }

  /**
   * After the exit. A task that is DONE now has been in the ready list; once the list is taken, whatever is still DONE and was noted before was popped by
   * the dead thread and would be lost.
   */
  function sweepOwn(slot) {
    const done = [];
    for (const task of records(u32, L, L.KIND_TASK, L.TASK_SIZE)) {
      if (Atomics.load(i32, (task + L.TASK_STATE) >> 2) === L.TASK_DONE && u32[(task + L.TASK_JOINER) >> 2] === slot)
        done.push([task, i32[(task + L.TASK_GEN) >> 2]]);
    }
    drain(slot);
    for (const [task, gen] of done) {
      if (Atomics.load(i32, (task + L.TASK_STATE) >> 2) !== L.TASK_DONE || i32[(task + L.TASK_GEN) >> 2] !== gen) continue;
      swept.tasksUncollected++;
      collect(task);
    }
    for (const channel of records(u32, L, L.KIND_CHANNEL, L.CHANNEL_SIZE)) {
      const gen = genOf(channel);
      if (u32[(channel + L.CHANNEL_LIVE) >> 2] && u32[(channel + L.CHANNEL_MAKER) >> 2] === slot) freeChannel(channel, gen);
    }
    while (call("sweepChunk", slot) === L.AGAIN) swept.chunks++;
    while (call("sweepBlock", slot) === L.AGAIN) swept.blocks++;
  }

  /** Receives every block that is left in a channel, and frees it. An attempt that does not wait needs no operation of a chunk: a block will do. */
  function drainBlocks(channel) {
    call("blockAlloc", self, epoch, L.OP_SIZE);
    const op = u32[(self + L.SLOT_RESULT) >> 2] + L.BLOCK_HEADER;
    u32[(op + L.OP_NODE + L.NODE_OP) >> 2] = op;
    u32[(op + L.OP_NODE + L.NODE_KIND) >> 2] = L.RECEIVING;
    for (;;) {
      const status = call("chanOp", channel, i32[(channel + L.CHANNEL_GEN) >> 2], self, epoch, op + L.OP_NODE, 0);
      if (status === L.OK) call("blockFree", self, epoch, u32[(op + L.OP_VALUE) >> 2]);
      else if (status !== L.AGAIN) break;
    }
    call("blockFree", self, epoch, op - L.BLOCK_HEADER);
  }

  /** To be read before anything else of the record: if others free it meanwhile, the generation is past, and no later one is mistaken for it. */
  const genOf = (channel) => Atomics.load(i32, (channel + L.CHANNEL_GEN) >> 2);

  function freeChannel(channel, gen) {
    while (call("close", channel, gen, self, epoch, 1) === L.AGAIN);
    if (call("chanFree", channel, gen, self, epoch, 1) === L.OK) swept.channels++;
  }

  function release(slot) {
    const status = call("slotClose", slot);
    if (status !== L.OK) throw new Error(`expected slotClose to answer OK after the sweep, got ${status}`);
  }

  /** Ends everything: unstarted tasks, what waits in ready lists, every channel. */
  function releaseAll() {
    for (const task of records(u32, L, L.KIND_TASK, L.TASK_SIZE)) {
      if (Atomics.load(i32, (task + L.TASK_STATE) >> 2) !== L.TASK_QUEUED) continue;
      if (call("taskCancel", self, epoch, task, i32[(task + L.TASK_GEN) >> 2]) === L.OK)
        call("blockFree", self, epoch, u32[(self + L.SLOT_RESULT) >> 2]);
    }
    for (let index = 0; index < L.SLOT_COUNT; index++) drain(at.slot(index));
    for (const channel of records(u32, L, L.KIND_CHANNEL, L.CHANNEL_SIZE)) {
      const gen = genOf(channel);
      if (!u32[(channel + L.CHANNEL_LIVE) >> 2]) continue;
      if (u32[(channel + L.CHANNEL_FLAGS) >> 2] & L.FLAG_BLOCKS) drainBlocks(channel);
      freeChannel(channel, gen);
    }
  }

  return { self, epoch, swept, call, open, sweepShared, sweepOwn, release, releaseAll };
}
