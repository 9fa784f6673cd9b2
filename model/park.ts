// How a thread sleeps and takes what was fired for it (PROTOCOL §4): announce, look at the ready list, sleep; taken entries are used once final.

import * as L from "../src/runtime/memory/layout.ts";
import { indexOf } from "./interpreter.ts";
import * as R from "./registers.ts";
import * as T from "./thread.ts";
import { step, type Thread } from "./thread.ts";

/** Switches that turn the protocol into a known-bad one; the tests show that the model notices. */
export const broken = {
  noLookBeforeSleep: false,
  noIntent: false,
  noSweep: false,
  noSelfLock: false,
  noUnlink: false,
  noSecondLook: false,
  noKick: false,
  useLocked: false,
  /** The supervisor does not look at the dead one's operations again after its exit. */
  noSecondSweep: false,
  /** It does not wait for pushers that are inside their calls. */
  noGrace: false,
  /** It takes the ready list before it looks for ended tasks. */
  listBeforeScan: false,
  /** It never looks at the ready lists of slots it has swept. */
  noLateCollect: false,
  /** Whoever is answered AGAIN at a sync record leaves it at that. */
  noServe: false,
  /** … and the supervisor does not go on for the dead. */
  noServeAfterDeath: false,
  /** What a thread holds is given to the next before it has exited. */
  earlyHandOn: false,
  noMark: false,
  /** The conditions of an abandoned lock are not woken. */
  noAlarm: false,
  /** What the dead had leased stays leased. */
  noReturn: false,
};

const taskCollect = indexOf("taskCollect");
const blockFree = indexOf("blockFree");

let note: (t: Thread, op: number, state: number) => void = () => {};
/** What is noted when a fired operation is taken. */
export function whenFired(next: typeof note): void {
  note = next;
}

function isWanted(t: Thread): boolean {
  const want = t.register(R.WANT);
  if (want === R.WANT_ANY) return true;
  return want >= R.WANT_TASK ? t.history.outcome(want - R.WANT_TASK) !== 0 : t.register(R.SETTLED + want) !== 0;
}

/** Parks until the wanted operation or task is settled, then goes to step `back`. With a timer, `back` may run unsettled. */
export function park(t: Thread, want: number, back: number, hasTimer: boolean): void {
  t.setRegister(R.WANT, want);
  t.setRegister(R.BACK, back);
  t.timer = hasTimer;
  t.goTo(isWanted(t) ? leave : announce);
}

/** Takes the ready list once, then goes to `back` whether or not anything came. */
export function drainOnce(t: Thread, back: number): void {
  t.setRegister(R.WANT, R.WANT_ANY);
  t.setRegister(R.BACK, back);
  t.goTo(drain);
}

const leave = step("parked no more", (t) => {
  t.timer = false;
  t.goTo(t.register(R.BACK));
});

/** A thread with an event loop may block as well: then it sleeps on the other word. */
const isLooping = (t: Thread) => t.isAsync && !(t.instruction.do === "op" && t.instruction.block);

const announce = step("announce", (t) => {
  if (isLooping(t)) t.goTo(drainFirst);
  else t.store(t.slot + L.SLOT_PARK, L.PARK_BLOCKED, lookAgain);
});
// The loop's turn ends with an empty ready list before it says that it idles.
const drainFirst = step("end of the turn", (t) => t.store(t.slot + L.SLOT_PARK, L.PARK_IDLE, lookAgain));
const lookAgain = step("look before sleeping", (t) => {
  if (broken.noLookBeforeSleep) t.goTo(sleep);
  else t.load(t.slot + L.SLOT_READY, looked);
});
const looked = step("looked", (t, ready) => {
  if (ready !== 0) t.store(t.slot + L.SLOT_PARK, L.PARK_RUNNING, drain);
  else t.goTo(sleep);
});
const sleep = step("sleep", (t) => (isLooping(t) ? t.await(awaited) : t.wait(woken)));
const awaited = step("turn of the loop", (t, timedOut) => t.goTo(timedOut ? leave : drain));
const woken = step("woken", (t, timedOut) => t.store(t.slot + L.SLOT_PARK, L.PARK_RUNNING, timedOut ? leave : drain));

const drain = step("take the ready list", (t) => t.exchange(t.slot + L.SLOT_READY, 0, drained));
const drained = step("taken", (t, chain) => {
  t.setRegister(R.CHAIN, chain);
  t.goTo(entry);
});
const entry = step("entry", (t) => {
  const chain = t.register(R.CHAIN);
  if (chain !== 0) t.load(chain + L.READY_STATE, entryState);
  else t.goTo(isWanted(t) ? leave : announce);
});
const entryState = step("entry's state", (t, state) => {
  const record = t.register(R.CHAIN);
  const type = t.read(record + L.READY_RECORD);
  if (type === L.RECORD_TASK) {
    if (state !== L.TASK_DONE) return t.goTo(entry); // its pusher is inside its call
    t.setRegister(R.CHAIN, t.read(record + L.READY_NEXT));
    t.setRegister(R.TASK, record);
    t.setRegister(R.RESULT, t.history.pendingTask(record, t.index) + 1);
    return t.goTo(collect);
  }
  if (type !== L.RECORD_OP) t.fail(`the ready list holds a record of type ${type}`);
  if (state === L.OP_LOCKED && !broken.useLocked) return t.goTo(entry);
  if (state < L.OP_FIRED && !broken.useLocked) t.fail(`the ready list holds an operation in state ${state}`);
  const op = (record - t.ops) / L.OP_SIZE;
  if (!Number.isInteger(op) || op < 0 || op > 7) t.fail("the ready list holds an operation of somebody else");
  if (t.register(R.SETTLED + op) !== 0) t.fail(`operation ${op} was fired twice`);
  t.setRegister(R.CHAIN, t.read(record + L.READY_NEXT));
  t.setRegister(R.SETTLED + op, state);
  note(t, op, state);
  t.goTo(entry);
});

const collect = step("collect", (t) => t.call(taskCollect, collected, t.slot, t.epoch, t.register(R.TASK)));
const collected = step("collected", (t, status) => {
  if (status === L.BUSY) return t.goTo(collect);
  if (status === L.FENCED) return t.stop(T.ENDED);
  if (status !== L.OK) t.fail(`taskCollect answered ${status}`);
  const outcome = t.read(t.slot + L.SLOT_RESULT_GEN);
  const result = t.read(t.slot + L.SLOT_RESULT);
  const k = t.register(R.RESULT) - 1;
  if (k >= 0) t.history.taskEnded(k, outcome);
  if (t.history.liveTasks === 0) t.history.supervisorIsAwake(t.index, "no task is left");
  t.setRegister(R.TASK, 0);
  t.setRegister(R.HELD, result);
  t.goTo(result === 0 ? entry : freeResult);
});
const freeResult = step("free the result", (t) => t.call(blockFree, freedResult, t.slot, t.epoch, t.register(R.HELD)));
const freedResult = step("freed the result", (t, status) => {
  if (status === L.BUSY) return t.goTo(freeResult);
  if (status === L.FENCED) return t.stop(T.ENDED);
  if (status !== L.OK) t.fail(`the result block cannot be freed: ${status}`);
  t.setRegister(R.HELD, 0);
  t.goTo(entry);
});
