// Starting, cancelling and joining tasks, and the threads that run them (PROTOCOL §4, task.ts).

import * as L from "../src/runtime/memory/layout.ts";
import { LAST_FREED } from "./history-words.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import { broken, drainOnce, park } from "./park.ts";
import type { Instruction } from "./program.ts";
import * as R from "./registers.ts";
import { begins, finish } from "./run.ts";
import { step, type Thread } from "./thread.ts";

const [taskReserve, taskGo, taskTake, taskFinish, taskCancel, blockAlloc, blockFree] = [
  "taskReserve",
  "taskGo",
  "taskTake",
  "taskFinish",
  "taskCancel",
  "blockAlloc",
  "blockFree",
].map(indexOf) as [number, number, number, number, number, number, number];

const PAYLOAD_BYTES = 8;

function queueOf(t: Thread): number {
  const instruction = t.instruction as Extract<Instruction, { do: "go" | "work" }>;
  return instruction.dedicated ? L.QUEUE_DEDICATED_AT : L.QUEUE_LIGHT_AT;
}
const taskOf = (t: Thread) => (t.instruction as Extract<Instruction, { do: "go" | "join" | "cancelTask" }>).task;

// ── Reserve and go ──
const reserving = step("reserve", (t) => {
  t.call(taskReserve, reserved, t.slot, t.epoch, L.QUEUE_DEDICATED_AT, (t.instruction as Extract<Instruction, { do: "reserve" }>).count);
});
const reserved = step("reserved", (t, status) => {
  if (isRefused(t, status, reserving)) return;
  if (status !== L.OK && status !== L.REFUSED) t.fail(`taskReserve answered ${status}`);
  if (status === L.REFUSED) t.history.refusedToReserve(t.index, (t.instruction as Extract<Instruction, { do: "reserve" }>).count);
  finish(t);
});
begins("reserve", reserving);

const going = step("go: payload", (t) => t.call(blockAlloc, payloadMade, t.slot, t.epoch, PAYLOAD_BYTES));
const payloadMade = step("go: payload made", (t, status) => {
  if (isRefused(t, status, going)) return;
  if (status === L.NO_MEMORY && t.history.model.room !== undefined) return finish(t);
  if (status !== L.OK) t.fail(`blockAlloc answered ${status}`);
  const payload = t.read(t.slot + L.SLOT_RESULT);
  t.write(payload + L.BLOCK_HEADER, taskOf(t) + 1);
  t.setRegister(R.HELD, payload);
  t.goTo((t.instruction as Extract<Instruction, { do: "go" }>).beside === undefined ? publishing : besides);
});
const besides = step("go: a block beside it", (t) => t.call(blockAlloc, besideMade, t.slot, t.epoch, PAYLOAD_BYTES));
const besideMade = step("go: a block made", (t, status) => {
  if (isRefused(t, status, besides)) return;
  if (status !== L.OK) t.fail(`blockAlloc answered ${status}`);
  const block = t.read(t.slot + L.SLOT_RESULT);
  const { beside } = t.instruction as Extract<Instruction, { do: "go" }>;
  t.history.allocated(beside!, block, PAYLOAD_BYTES);
  t.write(block + L.BLOCK_HEADER, beside! + 1);
  t.goTo(publishing);
});
const publishing = step("go", (t) => t.call(taskGo, published, t.slot, t.epoch, queueOf(t), t.register(R.HELD)));
const published = step("gone", (t, status) => {
  if (isRefused(t, status, publishing)) return;
  if (status === L.REFUSED || (status === L.NO_MEMORY && t.history.model.room !== undefined)) return t.goTo(freeHeld);
  if (status !== L.OK) t.fail(`taskGo answered ${status}`);
  t.history.setBlock(LAST_FREED, t.register(R.HELD));
  // The supervisor starts a thread for a dedicated task if none is free: it must have been woken.
  if (queueOf(t) === L.QUEUE_DEDICATED_AT) t.history.supervisorIsAwake(t.index, "a dedicated task was queued");
  t.history.taskGone(taskOf(t), t.index, t.read(t.slot + L.SLOT_RESULT), t.read(t.slot + L.SLOT_RESULT_GEN));
  finish(t);
});
begins("go", going);

/** Frees the held block, then the instruction is over. */
const freeHeld = step("free a block", (t) => t.call(blockFree, heldFreed, t.slot, t.epoch, t.register(R.HELD)));
const heldFreed = step("freed a block", (t, status) => {
  if (isRefused(t, status, freeHeld)) return;
  if (status !== L.OK) t.fail(`a block of its own cannot be freed: ${status}`);
  finish(t);
});

// ── Cancel and join ──
// Whether there is such a task yet is seen when its turn comes, not when the program begins.
const wantingToCancel = step("about to cancel", (t) => t.load(t.slot + L.SLOT_PARK, cancelling));
const cancelling = step("cancel a task", (t) => {
  const k = taskOf(t);
  if (!t.history.isGone(k)) return finish(t);
  t.call(taskCancel, cancelled, t.slot, t.epoch, t.history.task(k), t.history.taskGeneration(k));
});
const cancelled = step("cancelled a task", (t, status) => {
  if (isRefused(t, status, cancelling)) return;
  if (status === L.NONE || status === L.STALE) return finish(t);
  if (status !== L.OK) t.fail(`taskCancel answered ${status}`);
  const payload = t.read(t.slot + L.SLOT_RESULT);
  if (t.read(payload + L.BLOCK_HEADER) !== taskOf(t) + 1) t.fail("cancelled another task than it meant");
  if (t.history.ran(taskOf(t))) t.fail(`cancelled task ${taskOf(t)}, which has started`);
  t.setRegister(R.HELD, payload);
  t.goTo(freeHeld);
});
begins("cancelTask", wantingToCancel);

const joining = step("join", (t) => {
  const k = taskOf(t);
  if (t.history.isGone(k)) park(t, R.WANT_TASK + k, joined, false);
  else finish(t);
});
const joined = step("joined", (t) => finish(t));
begins("join", joining);

// ── Work ──
// A turn of the loop: take a task, else stand in the idle list; say that the thread idles; look again (whoever queued or fired in between saw a
// running thread and did not wake it); sleep. Woken: leave the idle list first, passing the wake on if tasks are left.
const working = step("look for a task", (t) => t.goTo(taking));
const taking = step("take", (t) => t.call(taskTake, taken, t.slot, t.epoch, queueOf(t), L.TAKE_OR_IDLE));
const taken = step("taken", (t, status) => {
  if (isRefused(t, status, taking)) return;
  if (status === L.OK) startTask(t, freePayload);
  else if (status === L.NONE) t.store(t.slot + L.SLOT_PARK, t.isAsync ? L.PARK_IDLE : L.PARK_BLOCKED, lookForReady);
  else t.fail(`taskTake answered ${status}`);
});
function startTask(t: Thread, next: number): void {
  if (t.world.m[(t.slot + L.SLOT_IDLE_QUEUE) >> 2] !== 0) t.fail("runs a task and stands in an idle list");
  const payload = t.read(t.slot + L.SLOT_RESULT);
  const k = t.read(payload + L.BLOCK_HEADER) - 1;
  t.history.taskRan(k);
  t.setRegister(R.TASK, t.read(t.slot + L.SLOT_RESULT_GEN));
  t.setRegister(R.HELD, payload);
  t.goTo(next);
}
const lookForReady = step("look before idling", (t) => t.load(t.slot + L.SLOT_READY, lookedForReady));
const lookedForReady = step("looked before idling", (t, ready) => {
  if (ready !== 0) t.store(t.slot + L.SLOT_PARK, L.PARK_RUNNING, drainThenWork);
  else t.goTo(broken.noSecondLook ? sleepIdle : takingAgain);
});
const drainThenWork = step("drain, then work", (t) => drainOnce(t, working));
const takingAgain = step("take again", (t) => t.call(taskTake, takenAgain, t.slot, t.epoch, queueOf(t), L.TAKE_OR_IDLE));
const takenAgain = step("taken again", (t, status) => {
  if (isRefused(t, status, takingAgain)) return;
  if (status === L.OK) startTask(t, runAgain);
  else if (status === L.NONE) t.goTo(sleepIdle);
  else t.fail(`taskTake answered ${status}`);
});
const runAgain = step("runs again", (t) => t.store(t.slot + L.SLOT_PARK, L.PARK_RUNNING, freePayload));
const sleepIdle = step("sleep idle", (t) => {
  if (t.isAsync) t.await(wokenForTask);
  else t.wait(wokenForTask);
});
const wokenForTask = step("woken", (t) => t.goTo(t.isAsync ? leavingIdle : running));
const running = step("running", (t) => t.store(t.slot + L.SLOT_PARK, L.PARK_RUNNING, leavingIdle));
const leavingIdle = step("leave the idle list", (t) => t.call(taskTake, leftIdle, t.slot, t.epoch, queueOf(t), L.LEAVE_IDLE));
const leftIdle = step("left the idle list", (t, status) => {
  if (isRefused(t, status, leavingIdle)) return;
  if (status !== L.NONE) t.fail(`taskTake with LEAVE_IDLE answered ${status}`);
  t.goTo(drainThenWork);
});

const freePayload = step("free the payload", (t) => t.call(blockFree, payloadFreed, t.slot, t.epoch, t.register(R.HELD)));
const payloadFreed = step("freed the payload", (t, status) => {
  if (isRefused(t, status, freePayload)) return;
  if (status !== L.OK) t.fail(`the payload of its task cannot be freed: ${status}`);
  const { result, misuse } = t.instruction as Extract<Instruction, { do: "work" }>;
  if (misuse) return t.goTo(finishWrongly);
  t.setRegister(R.HELD, 0);
  t.goTo(result ? makeResult : finishing);
});
const finishWrongly = step("finish with a freed block", (t) => {
  t.call(taskFinish, refusedToFinish, t.slot, t.epoch, t.register(R.TASK), L.OUTCOME_RESULT, t.register(R.HELD));
});
const refusedToFinish = step("refused to finish", (t, status) => {
  if (isRefused(t, status, finishWrongly)) return;
  if (status !== L.NONE) t.fail(`a result that is not its own was taken: ${status}`);
  t.setRegister(R.HELD, 0);
  t.goTo(makeResult);
});
const makeResult = step("result", (t) => t.call(blockAlloc, resultMade, t.slot, t.epoch, PAYLOAD_BYTES));
const resultMade = step("result made", (t, status) => {
  if (isRefused(t, status, makeResult)) return;
  if (status !== L.OK) t.fail(`blockAlloc answered ${status}`);
  t.setRegister(R.HELD, t.read(t.slot + L.SLOT_RESULT));
  t.goTo((t.instruction as Extract<Instruction, { do: "work" }>).beside ? makeBeside : finishing);
});
const makeBeside = step("a block beside the result", (t) => t.call(blockAlloc, besideResultMade, t.slot, t.epoch, PAYLOAD_BYTES));
const besideResultMade = step("a block beside the result made", (t, status) => {
  if (isRefused(t, status, makeBeside)) return;
  if (status !== L.OK) t.fail(`blockAlloc answered ${status}`);
  t.setRegister(R.BESIDE, t.read(t.slot + L.SLOT_RESULT));
  t.goTo(finishing);
});
const finishing = step("finish", (t) => {
  t.call(taskFinish, finished, t.slot, t.epoch, t.register(R.TASK), L.OUTCOME_RESULT, t.register(R.HELD));
});
const finished = step("finished", (t, status) => {
  if (isRefused(t, status, finishing)) return;
  if (status !== L.OK) t.fail(`its own task cannot be finished: ${status}`);
  t.setRegister(R.HELD, 0);
  t.goTo(t.register(R.BESIDE) === 0 ? taskOver : freeBeside);
});
const freeBeside = step("free the block beside", (t) => t.call(blockFree, besideFreed, t.slot, t.epoch, t.register(R.BESIDE)));
const besideFreed = step("freed the block beside", (t, status) => {
  if (isRefused(t, status, freeBeside)) return;
  if (status !== L.OK) t.fail(`a block of its own cannot be freed: ${status}`);
  t.goTo(taskOver);
});
const taskOver = step("the task is over", (t) => {
  t.clearRegisters(R.LOCAL, R.END);
  t.goTo(working);
});
begins("work", working);
