// A case of the model, set up: the heap initialised, slots opened, channels made, every thread standing before its first action.

import * as L from "../src/runtime/memory/layout.ts";
import { BUFFER_BYTES } from "./bulk.ts";
import "./cells.ts";
import type { Compiled } from "./codegen.ts";
import { History } from "./history.ts";
import "./blocks.ts";
import "./instructions.ts";
import "./probe.ts";
import "./buckets.ts";
import "./keys.ts";
import "./lease.ts";
import "./sync-calls.ts";
import "./schemas.ts";
import "./tasks.ts";
import { fillBucket } from "./bucket-history.ts";
import { indexOf } from "./interpreter.ts";
import { closingQueue, generationOf as generationOfQueue, madeQueue, queueAt } from "./lease-history.ts";
import { Machine } from "./machine.ts";
import type { Faults, ModelCase } from "./program.ts";
import * as R from "./registers.ts";
import { begin } from "./run.ts";
import { employ } from "./staff.ts";
import { startSupervisor } from "./supervisor.ts";
import { generationOf, madeSync, recordOf } from "./sync-history.ts";
import { Thread, UNBORN } from "./thread.ts";
import { HEAP_BYTES, Violation, type World } from "./world.ts";

export interface Scene {
  world: World;
  model: ModelCase;
  history: History;
  machine: Machine;
  /** The model's threads, the supervisor last. */
  threads: Thread[];
  supervisor: Thread;
}

export function build(world: World, functions: Compiled[], model: ModelCase, faults: Faults, isFine: boolean): Scene {
  world.m.fill(0);
  world.logged = 0;
  world.hashLow = 0;
  world.hashHigh = 0;
  world.accesses = undefined;
  world.onNotify = () => {};
  world.ceiling = HEAP_BYTES;
  world.set(L.HEAP_CEILING_AT >> 2, HEAP_BYTES);
  world.set(L.HEAP_SUPERVISOR_AT >> 2, L.SLOTS_AT);
  world.set((L.BUMP_AT + L.BUMP_NEXT) >> 2, L.RECORDS_AT);
  world.set((L.SCHEMAS_AT + L.SCHEMA_WORD) >> 2, (model.schemas ?? 0) << 1);
  const limit = model.limit ?? 0;
  world.set((L.QUEUE_DEDICATED_AT + L.QUEUE_LIMIT) >> 2, limit);

  const call = (name: string, ...args: number[]): void => {
    const [a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0] = args;
    const status = functions[indexOf(name)]!.coarse(a0, a1, a2, a3, a4, a5);
    if (status !== L.OK) throw new Violation(`setup: ${name} answered ${status}`);
  };
  const answer = (slot: number, offset = L.SLOT_RESULT) => world.m[(slot + offset) >> 2]!;

  const history = new History(world, model);
  history.isExact = !isFine;
  const supervisor = new Thread(model.threads.length, world, [], true, history);
  const threads = model.threads.map((plan, i) => new Thread(i, world, plan.program, plan.async ?? false, history));
  history.threads = threads;
  history.supervisor = supervisor;
  const open = (t: Thread, slot: number) => {
    call("slotOpen", slot);
    t.become(slot, answer(slot));
  };
  open(supervisor, L.SLOTS_AT);
  threads.forEach((t, i) => {
    if (model.threads[i]!.replacement) {
      t.status = UNBORN;
      return;
    }
    open(t, L.SLOTS_AT + (i + 1) * L.SLOT_SIZE);
    call("opChunk", t.slot, t.epoch);
    t.ops = answer(t.slot) + L.LINE;
    if (!history.hasBuffer(i)) return;
    call("blockAlloc", t.slot, t.epoch, BUFFER_BYTES);
    t.setRegister(R.BUFFER, answer(t.slot));
  });
  model.channels.forEach((capacity, i) => {
    call("chanMake", supervisor.slot, supervisor.epoch, capacity, history.codecOf(i), history.strideOf(i));
    const channel = answer(supervisor.slot);
    history.madeChannel(i, channel, answer(supervisor.slot, L.SLOT_RESULT_GEN), capacity);
    for (const word of [L.CHANNEL_SEND_WORD, L.CHANNEL_RECV_WORD, L.CHANNEL_SEND_SEEN, L.CHANNEL_RECV_SEEN]) {
      world.set((channel + word) >> 2, model.startIndex ?? 0);
    }
  });
  model.syncs?.forEach(({ policy, permits, lock, count, bucket, rows }, i) => {
    const lockAt = lock === undefined ? [0, 0] : [recordOf(history, lock), generationOf(history, lock)];
    call("syncMake", supervisor.slot, supervisor.epoch, policy, permits, ...lockAt);
    madeSync(history, i, answer(supervisor.slot), answer(supervisor.slot, L.SLOT_RESULT_GEN));
    if (bucket) fillBucket(history, i, bucket);
    if (rows) {
      call("blockAlloc", supervisor.slot, supervisor.epoch, rows * L.ROW_SIZE);
      const block = answer(supervisor.slot);
      world.set((recordOf(history, i) + L.KEY_MASK) >> 2, rows - 1);
      call("syncKeep", recordOf(history, i), generationOf(history, i), supervisor.slot, supervisor.epoch, block);
    }
    if (count) call("syncAdd", recordOf(history, i), generationOf(history, i), supervisor.slot, supervisor.epoch, count);
  });
  const isMadeLater = (queue: number) =>
    model.threads.some(({ program }) => program.some((one) => one.do === "makeQueue" && one.queue === queue));
  model.queues?.forEach(({ capacity, attempts, dead, closed }, i) => {
    if (isMadeLater(i)) return;
    const deadAt = dead === undefined ? [0, 0] : [queueAt(history, dead), generationOfQueue(history, dead)];
    call("leaseMake", supervisor.slot, supervisor.epoch, capacity, attempts, ...deadAt);
    madeQueue(history, i, answer(supervisor.slot), answer(supervisor.slot, L.SLOT_RESULT_GEN));
    if (closed) closingQueue(history, i);
  });
  model.queues?.forEach(({ closed }, i) => {
    if (closed) call("leaseClose", queueAt(history, i), generationOfQueue(history, i), supervisor.slot, supervisor.epoch);
  });
  if (model.isCrowded) call("blockAlloc", supervisor.slot, supervisor.epoch, 8);
  if (model.aged) {
    // One task comes and goes, so that there is a chunk of tasks; then all but one record of each first chunk are passed over.
    call("blockAlloc", supervisor.slot, supervisor.epoch, 8);
    call("taskGo", supervisor.slot, supervisor.epoch, L.QUEUE_LIGHT_AT, answer(supervisor.slot));
    const task = answer(supervisor.slot);
    call("taskCancel", supervisor.slot, supervisor.epoch, task, answer(supervisor.slot, L.SLOT_RESULT_GEN));
    call("blockFree", supervisor.slot, supervisor.epoch, answer(supervisor.slot));
    world.set((supervisor.slot + L.SLOT_READY) >> 2, 0);
    call("taskCollect", supervisor.slot, supervisor.epoch, task);
    for (const [kind, size] of [
      [L.KIND_CHANNEL, L.CHANNEL_SIZE],
      [L.KIND_TASK, L.TASK_SIZE],
    ] as const) {
      const home = L.CLASSES_AT + kind * L.CLASS_SIZE;
      const last = world.m[(home + L.CLASS_CHUNKS) >> 2]! + L.LINE + size * (L.CHUNK_RECORDS - 1);
      history.skipped.set(kind, (last - world.m[(home + L.CLASS_NEXT) >> 2]!) / size);
      world.set((home + L.CLASS_NEXT) >> 2, last);
    }
  }
  if (model.room !== undefined) {
    world.ceiling = world.m[(L.BUMP_AT + L.BUMP_NEXT) >> 2]! + model.room;
    world.set(L.HEAP_CEILING_AT >> 2, world.ceiling);
  }
  history.startDeaths = faults.deaths;
  history.startFences = faults.fences;
  history.deathsLeft = faults.deaths;
  history.fencesLeft = faults.fences;

  const machine = new Machine(world, functions, isFine, supervisor.index, faults.fences > 0);
  const all = [...threads, supervisor];
  employ(threads);
  world.onNotify = (address) => {
    for (const t of all) if (t.slot === (address & ~(L.SLOT_SIZE - 1)) && t.slot !== 0) machine.wake(t, address);
  };
  supervisor.goTo(startSupervisor);
  // It rests before anything begins.
  machine.run(supervisor);
  for (const t of threads) {
    if (t.status === UNBORN) continue;
    begin(t);
    machine.settle(t);
  }
  world.logged = 0;
  return { world, model, history, machine, threads: all, supervisor };
}
