// What must hold where nothing can move any more: at every quiescent state (everybody finished, dead, or asleep with nobody to wake them).

import * as L from "../src/runtime/memory/layout.ts";
import { checkBuckets } from "./bucket-history.ts";
import type { Scene } from "./build.ts";
import { checkHeap } from "./heap-check.ts";
import { ACCEPTED, REJECTED } from "./history-words.ts";
import { checkKeys } from "./keys.ts";
import { checkLeases } from "./lease-rest.ts";
import { operationUnder } from "./operation.ts";
import type { Instruction } from "./program.ts";
import { chain, valueAt } from "./records.ts";
import * as R from "./registers.ts";
import { SWEPT } from "./staff.ts";
import { checkSyncs } from "./sync-rest.ts";
import type { Thread } from "./thread.ts";
import * as T from "./thread.ts";
import { Violation } from "./world.ts";

function bad(message: string): never {
  throw new Violation(`at rest: ${message}`);
}

export function checkRest(scene: Scene): void {
  checkLocks(scene);
  checkValues(scene);
  checkQueues(scene);
  checkSleepers(scene);
  checkTasks(scene);
  checkSyncs(scene);
  checkBuckets(scene);
  checkKeys(scene);
  checkLeases(scene);
  checkHeap(scene);
}

type Operation = Extract<Instruction, { do: "op" }>;

/** What live threads wait for: the operation they sleep in, and one they have started and not yet awaited. */
function waiting({ threads }: Scene): { t: Thread; op: Operation; first: number }[] {
  return threads.flatMap((t) => {
    if (t.status !== T.RUNNING || t.at >= t.program.length) return [];
    const list: { t: Thread; op: Operation; first: number }[] = [];
    const op = operationUnder(t);
    if (op !== undefined) list.push({ t, op, first: t.ops });
    const { instruction } = t;
    if (instruction.do === "take" && instruction.until !== undefined) {
      const guard: Operation = {
        do: "op",
        cases: [{ channel: instruction.until, direction: L.RECEIVING }],
        fast: false,
        try: false,
        timer: false,
        started: false,
      };
      list.push({ t, op: guard, first: t.ops + instruction.place * L.OP_SIZE });
    }
    const startedAt = t.register(R.STARTED_AT);
    if (startedAt > 0 && t.register(R.SETTLED + 4) === 0) {
      list.push({ t, op: t.program[startedAt - 1] as Operation, first: t.ops + 4 * L.OP_SIZE });
    }
    return list;
  });
}

function checkLocks({ world, history, model, threads }: Scene): void {
  const isHeld = (address: number) => world.m[address >> 2] !== 0;
  if (world.m[(L.SCHEMAS_AT + L.SCHEMA_WORD) >> 2]! & 1) bad("the table of schemas is held");
  const locks = [L.BUMP_AT + L.BUMP_LOCK, L.QUEUE_LIGHT_AT + L.QUEUE_LOCK, L.QUEUE_DEDICATED_AT + L.QUEUE_LOCK];
  for (let index = 0; index < L.CLASS_COUNT; index++) locks.push(L.CLASSES_AT + index * L.CLASS_SIZE + L.CLASS_LOCK);
  for (const t of threads) if (t.slot !== 0) locks.push(t.slot + L.SLOT_LOCK);
  for (const lock of locks) if (isHeld(lock)) bad(`the lock at ${lock} is held`);
  for (let c = 0; c < model.channels.length; c++) {
    for (const word of [L.CHANNEL_SEND_WORD, L.CHANNEL_RECV_WORD]) {
      if (world.m[(history.channel(c) + word) >> 2]! & 1) bad(`a word of channel ${c} is held`);
    }
  }
}

function checkValues({ world, history, threads }: Scene): void {
  const buffered = new Map<number, number>();
  for (let c = 0; c < 6; c++) {
    if (history.channel(c) === 0 || !history.channelIsCurrent(c)) continue;
    const address = history.channel(c);
    const at = (offset: number) => world.m[(address + offset) >> 2]!;
    const length = history.length(c);
    if (length > history.capacity(c)) bad(`channel ${c} holds ${length} values and has room for ${history.capacity(c)}`);
    const recv = (at(L.CHANNEL_RECV_WORD) >>> 1) | 0;
    for (let i = 0; i < length; i++) {
      const value = valueAt(
        world,
        at(L.CHANNEL_BUFFER) + L.BLOCK_HEADER + ((recv + i) & at(L.CHANNEL_MASK)) * history.strideOf(c),
        history.strideOf(c),
      );
      if (buffered.has(value)) bad(`value ${value} lies in two places`);
      buffered.set(value, c);
    }
  }
  for (let value = 1; value < 16; value++) {
    if (!history.isValue(value)) {
      if (buffered.has(value)) bad(`value ${value} is in a channel, and nobody sent it`);
      continue;
    }
    const isReceived = history.gotBy(value) >= 0;
    const state = history.sentState(value);
    if (buffered.has(value) && isReceived) bad(`value ${value} was received and is still in its channel`);
    if (buffered.has(value) && state === REJECTED) bad(`value ${value} is in its channel, and its send failed`);
    const isDropped = history.wasForced(history.channelOfValue(value));
    if (state === ACCEPTED && !isReceived && !buffered.has(value) && !isDropped) {
      // A receiver that ended while fenced takes with it what it had been handed; the supervisor notes that, unless the slot is not swept yet.
      if (threads.every((t) => t.status !== T.ENDED)) bad(`value ${value} was accepted and is nowhere`);
      bad(`value ${value} was accepted and is nowhere, and a fenced thread has ended`);
    }
  }
}

function checkQueues(scene: Scene): void {
  const { world, history } = scene;
  const live = waiting(scene);
  for (let c = 0; c < 6; c++) {
    const address = history.channel(c);
    if (address === 0 || !history.channelIsCurrent(c)) continue;
    const at = (offset: number) => world.m[(address + offset) >> 2]!;
    for (const [head, flag, direction] of [
      [L.CHANNEL_RECV_HEAD, L.FLAG_RECEIVERS, L.RECEIVING],
      [L.CHANNEL_SEND_HEAD, L.FLAG_SENDERS, L.SENDING],
    ] as const) {
      const nodes = chain(world, at(head), L.NODE_NEXT) ?? bad(`a queue of channel ${c} is a circle`);
      if ((nodes.at(-1) ?? 0) !== at(head + 4)) bad(`a queue of channel ${c} does not end at its tail`);
      if (nodes.length > 0 !== ((at(L.CHANNEL_FLAGS) & flag) !== 0)) bad(`the flags of channel ${c} do not tell who waits`);
      nodes.forEach((node, i) => {
        const word = (offset: number) => world.m[(node + offset) >> 2]!;
        if (word(L.NODE_PREV) !== (nodes[i - 1] ?? 0)) bad(`a queue of channel ${c} is torn`);
        if ((word(L.NODE_KIND) & 1) !== direction || word(L.NODE_CHANNEL) !== address)
          bad(`a node stands in the wrong queue of channel ${c}`);
        const owner = live.find(({ first }) => first === word(L.NODE_OP));
        if (owner === undefined) bad(`channel ${c} holds a node that nobody waits with`);
        if (world.m[(word(L.NODE_OP) + L.OP_STATE) >> 2] !== L.OP_WAITING)
          bad(`channel ${c} holds a node of an operation that does not wait`);
      });
    }
  }
}

function checkSleepers(scene: Scene): void {
  const { world, history, threads, supervisor } = scene;
  const sleepers = waiting(scene);
  for (const t of threads) {
    const isAsleep = t !== supervisor && t.status === T.RUNNING;
    if (isAsleep && world.m[(t.slot + L.SLOT_READY) >> 2] !== 0) bad(`thread ${t.index} sleeps, and something is ready for it`);
  }
  for (const { t, op } of sleepers) {
    for (const { channel, direction } of op.cases) {
      const isReady =
        history.isClosed(channel) ||
        (direction === L.SENDING ? history.length(channel) < history.capacity(channel) : history.length(channel) > 0);
      if (isReady) bad(`thread ${t.index} sleeps on channel ${channel}, which is ready for it`);
      for (const { t: peer, op: peerOp } of sleepers) {
        if (peer === t) continue;
        for (const other of peerOp.cases) {
          const same = history.channel(other.channel) === history.channel(channel);
          if (same && other.direction !== direction) bad(`threads ${t.index} and ${peer.index} sleep, and could serve each other`);
        }
      }
    }
  }
  if (!scene.model.maySleep) {
    const asleep = scene.threads.find((t) => t !== scene.supervisor && t.status === T.RUNNING && t.instruction.do !== "work");
    if (asleep !== undefined && history.deathsLeft === history.startDeaths && history.fencesLeft === history.startFences) {
      bad(`thread ${asleep.index} sleeps for ever`);
    }
  }
}

function checkTasks({ world, history, threads, supervisor }: Scene): void {
  if (!history.hasTasks) return;
  for (const [queue, isDedicated] of [
    [L.QUEUE_LIGHT_AT, false],
    [L.QUEUE_DEDICATED_AT, true],
  ] as const) {
    const at = (offset: number) => world.m[(queue + offset) >> 2]!;
    const tasks = chain(world, at(L.QUEUE_HEAD), L.TASK_QUEUE_NEXT) ?? bad("a task queue is a circle");
    if (tasks.length !== at(L.QUEUE_LENGTH)) bad(`a task queue of ${tasks.length} says ${at(L.QUEUE_LENGTH)}`);
    if ((tasks.at(-1) ?? 0) !== at(L.QUEUE_TAIL)) bad("a task queue does not end at its tail");
    const idlers = threads.filter(
      (t) => t !== supervisor && t.status === T.RUNNING && t.instruction.do === "work" && t.instruction.dedicated === isDedicated,
    );
    if (tasks.length > 0 && idlers.length > 0) bad(`thread ${idlers[0]!.index} idles, and a task is queued`);
    const listed = chain(world, at(L.QUEUE_IDLE), L.SLOT_IDLE_NEXT) ?? bad("an idle list is a circle");
    const mayStand = (t: Thread) =>
      idlers.includes(t) || (t.status === T.RUNNING && t.program.some((i) => i.do === "probe" && i.call === "taskTake"));
    for (const slot of listed) {
      if (!threads.some((t) => t.slot === slot && mayStand(t))) bad("somebody who does not idle stands in an idle list");
    }
    for (const t of idlers) if (!listed.includes(t.slot)) bad(`thread ${t.index} idles and stands in no idle list`);
    if (at(L.QUEUE_LIMIT) > 0) {
      const reserved = threads.reduce((sum, t) => sum + (t.slot === 0 ? 0 : world.m[(t.slot + L.SLOT_RESERVED) >> 2]!), 0);
      if (at(L.QUEUE_BUSY) !== reserved + tasks.length)
        bad(`${at(L.QUEUE_BUSY)} tasks count as admitted, and ${reserved + tasks.length} are`);
    }
  }
  let alive = 0;
  for (let k = 0; k < 6; k++) {
    if (!history.isGone(k)) continue;
    if (history.outcome(k) !== 0) continue;
    alive += 1;
    const starter = threads[history.starterOf(k)]!;
    const state = world.m[(history.task(k) + L.TASK_STATE) >> 2];
    if (state === L.TASK_DONE && starter.swept === SWEPT) bad(`task ${k} has ended, its joiner is gone, and nobody has collected it`);
    if ((state === L.TASK_DONE || state === L.TASK_FREE) && !starter.isOver) {
      const ready = chain(world, world.m[(starter.slot + L.SLOT_READY) >> 2]!, L.READY_NEXT) ?? bad("a ready list is a circle");
      if (!ready.includes(history.task(k))) bad(`task ${k} has ended, and its joiner will never hear of it`);
    }
    if (world.m[(history.task(k) + L.TASK_STATE) >> 2] === L.TASK_RUNNING) bad(`task ${k} counts as running, and nobody runs it`);
  }
  if (world.m[(L.LIVE_AT + L.LIVE_TASKS) >> 2] !== alive)
    bad(`${world.m[(L.LIVE_AT + L.LIVE_TASKS) >> 2]} tasks count as live, and ${alive} are`);
}
