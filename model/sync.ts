// Sync records as src/runtime/sync uses them: take, wait and give up, give back, add, signal, wait at a condition, close. Whoever is answered AGAIN
// serves the next one itself.

import * as L from "../src/runtime/memory/layout.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import { whenSync } from "./operation.ts";
import { broken, drainOnce, park } from "./park.ts";
import type { SyncInstruction } from "./program-sync.ts";
import * as R from "./registers.ts";
import { begins, finish } from "./run.ts";
import { GUARD_FIRED, linkGuard, unlinkGuard } from "./sync-guard.ts";
import * as H from "./sync-history.ts";
import { step, type Thread } from "./thread.ts";

const [cancel, syncAcquire, syncRelease, syncServe, syncFree] = (
  "cancel syncAcquire syncRelease syncServe syncFree".split(" ") as string[]
).map(indexOf) as [number, number, number, number, number];

// Registers of what is under way
export const SYNC = R.TASK;
const PLACE = R.VICTIM;
const WEIGHT = R.INTENT;
const WISH = R.INTENT_GEN;
const THEN = R.RESUMED; // step after a take
const AFTER_SERVING = R.RESULT;

export const as = <K extends SyncInstruction["do"]>(t: Thread, kind: K): Extract<SyncInstruction, { do: K }> => {
  if (t.instruction.do !== kind) return t.fail(`is not at ${kind}`);
  return t.instruction as Extract<SyncInstruction, { do: K }>;
};
const opAt = (t: Thread, place: number) => t.ops + place * L.OP_SIZE;
const nodeAt = (t: Thread, place: number) => opAt(t, place) + L.OP_NODE;
const holds = (t: Thread, place: number) => t.world.m[(nodeAt(t, place) + L.NODE_HELD) >> 2] === 1;
export const record = (t: Thread) => H.recordOf(t.history, t.register(SYNC));

// ── Serving ──
export function serveThen(t: Thread, status: number, next: number): void {
  t.setRegister(AFTER_SERVING, next);
  if (status === L.AGAIN && !broken.noServe) t.goTo(serving);
  else if (status === L.CLOSED) t.goTo(freeing);
  else if (status === L.OK || status === L.AGAIN) t.goTo(next);
  else t.fail(`a step at a sync record answered ${status}`);
}
const serving = step("serve the next", (t) => t.call(syncServe, served, record(t), t.slot, t.epoch, 0));
const served = step("served", (t, status) => {
  if (!isRefused(t, status, serving)) serveThen(t, status, t.register(AFTER_SERVING));
});
const freeing = step("free a sync record", (t) => {
  t.call(syncFree, freed, record(t), H.generationOf(t.history, t.register(SYNC)), t.slot, t.epoch);
});
const freed = step("freed a sync record", (t, status) => {
  if (isRefused(t, status, freeing)) return;
  if (status !== L.OK && status !== L.REFUSED && status !== L.STALE) t.fail(`syncFree answered ${status}`);
  t.goTo(t.register(AFTER_SERVING));
});

// ── Taking ──
function take(t: Thread, sync: number, place: number, weight: number, wish: number, then: number): void {
  const op = opAt(t, place);
  t.write(op + L.READY_RECORD, L.RECORD_OP);
  t.write(op + L.OP_SLOT, t.slot);
  t.write(op + L.OP_EPOCH, t.epoch);
  t.write(op + L.OP_NODE + L.NODE_OP, op);
  t.write(op + L.OP_NODE + L.NODE_KIND, L.SENDING);
  t.write(op + L.OP_NODE + L.NODE_WEIGHT, weight);
  t.write(op + L.OP_NODE + L.NODE_WISH, wish);
  t.setRegister(SYNC, sync);
  t.setRegister(PLACE, place);
  t.setRegister(WEIGHT, weight);
  t.setRegister(WISH, wish);
  t.setRegister(THEN, then);
  t.setRegister(R.SETTLED + place, 0);
  t.goTo(taking);
}
const isTry = (t: Thread) => t.instruction.do === "take" && t.instruction.try === true;
/** The wait for the lock after a condition's cannot be given up. */
const hasTimer = (t: Thread) =>
  (t.instruction.do === "take" || (t.instruction.do === "condition" && t.register(SYNC) === t.instruction.sync)) &&
  t.instruction.timer === true;

const taking = step("take", (t) =>
  t.call(
    syncAcquire,
    took,
    record(t),
    H.generationOf(t.history, t.register(SYNC)),
    t.slot,
    t.epoch,
    nodeAt(t, t.register(PLACE)),
    isTry(t) ? 0 : L.LINK,
  ),
);
const took = step("took", (t, status) => {
  if (isRefused(t, status, taking)) return;
  if (status === L.OK || status === L.AGAIN) {
    enter(t);
    return serveThen(t, status, t.register(THEN));
  }
  if (status === L.PARKED) {
    H.queued(t, t.register(SYNC));
    if (t.instruction.do === "condition" && t.register(SYNC) === t.instruction.sync) return t.goTo(unlocking);
    const until = guardOf(t);
    if (until !== undefined) return linkGuard(t, until, opAt(t, t.register(PLACE)), guarded, endedAtOnce);
    return park(t, t.register(PLACE), settled, hasTimer(t));
  }
  if (status === L.CLOSED) {
    H.refused(t, t.register(SYNC));
    t.setRegister(R.OUTCOME, R.MET_CLOSED);
  } else if (status === L.BLOCK && isTry(t)) {
    H.triedInVain(t, t.register(SYNC), t.register(WEIGHT));
    t.setRegister(R.OUTCOME, R.GAVE_UP);
  } else t.fail(`syncAcquire answered ${status}`);
  t.goTo(t.register(THEN));
});
function enter(t: Thread): void {
  const [sync, wish] = [t.register(SYNC), t.register(WISH)];
  const isHeld = holds(t, t.register(PLACE));
  H.entered(t, sync, wish & L.SYNC_TAKES ? t.register(WEIGHT) : 0, wish, isHeld);
  if (H.planOf(t.history, sync).policy !== L.SYNC_SIGNALLING) return;
  if (isHeld) H.signalUsed(t, sync, 1);
  else H.letThrough(t, sync);
}

const guardOf = (t: Thread) => (t.instruction.do === "take" ? t.instruction.until : undefined);
const guarded = step("guarded", (t) => park(t, t.register(PLACE), settled, hasTimer(t)));
const endedAtOnce = step("ended before it could wait", (t) => {
  t.setRegister(R.OUTCOME, R.GAVE_UP);
  unlinkGuard(t, guardOf(t)!, withdrawing);
});

const settled = step("settled at a sync record", (t) => {
  const state = t.register(R.SETTLED + t.register(PLACE));
  if (state === 0) return t.goTo(givingUp);
  rest(t);
  const until = guardOf(t);
  if (until === undefined) t.goTo(t.register(THEN));
  else unlinkGuard(t, until, state === GUARD_FIRED ? withdrawing : t.register(THEN));
});
const givingUp = step("give up", (t) => t.call(cancel, gaveUp, opAt(t, t.register(PLACE))));
const gaveUp = step("gave up", (t, status) => {
  if (status === L.BUSY) return t.goTo(givingUp);
  if (status === L.FIRED) return drainOnce(t, afterLateFire);
  if (status === L.NONE && !t.isFenced) t.fail("its own waiting operation was not waiting");
  t.setRegister(R.OUTCOME, R.GAVE_UP);
  if (guardOf(t) === undefined) t.goTo(withdrawing);
  else unlinkGuard(t, guardOf(t)!, withdrawing);
});
const afterLateFire = step("after a late fire", (t) => park(t, t.register(PLACE), settled, false));
const withdrawing = step("withdraw", (t) => t.call(syncServe, withdrew, record(t), t.slot, t.epoch, nodeAt(t, t.register(PLACE))));
const withdrew = step("withdrew", (t, status) => {
  if (isRefused(t, status, withdrawing)) return;
  H.waitsNoLonger(t, t.register(SYNC));
  rest(t);
  serveThen(t, status, t.register(THEN));
});
/** Nothing of the operation is linked: its state is idle again, as the runtime does it when it is released. */
function rest(t: Thread): void {
  t.world.set((opAt(t, t.register(PLACE)) + L.OP_STATE) >> 2, L.OP_IDLE);
}

whenSync((t, op, state) => {
  const { instruction } = t;
  if (instruction.do !== "take" && instruction.do !== "condition") return false;
  if (op === t.register(PLACE) && state === GUARD_FIRED && guardOf(t) !== undefined) {
    t.setRegister(R.OUTCOME, R.GAVE_UP);
    return true;
  }
  if (op !== t.register(PLACE) || (state !== L.OP_FIRED && state !== L.OP_FIRED + 1))
    t.fail(`was fired at place ${op} with state ${state}`);
  if (state === L.OP_FIRED) enter(t);
  else {
    H.refused(t, t.register(SYNC));
    t.setRegister(R.OUTCOME, R.MET_CLOSED);
  }
  return true;
});

begins(
  "take",
  step("take something", (t) => {
    const { sync, place, weight, wish } = as(t, "take");
    take(t, sync, place, weight, wish, over);
  }),
);
export const over = step("over", (t) => finish(t));

// ── Giving back ──
begins(
  "give",
  step("give something back", (t) => {
    const { sync, place } = as(t, "give");
    if (!holds(t, place)) return finish(t);
    t.setRegister(SYNC, sync);
    t.setRegister(PLACE, place);
    t.load(t.slot + L.SLOT_STATE, leaving); // a moment inside
  }),
);
const leaving = step("leave", (t) => {
  H.left(t, t.register(SYNC), t.world.m[(nodeAt(t, t.register(PLACE)) + L.NODE_WEIGHT) >> 2]!);
  t.goTo(giving);
});
const giving = step("give back", (t) => t.call(syncRelease, gave, record(t), t.slot, t.epoch, nodeAt(t, t.register(PLACE)), L.GIVE_BACK));
const gave = step("gave back", (t, status) => {
  if (isRefused(t, status, giving)) return;
  if (status === L.NONE) t.fail("held nothing");
  serveThen(t, status, over);
});

// ── Waiting at a condition ──
begins(
  "condition",
  step("wait at a condition", (t) => {
    const { sync, place, lockPlace } = as(t, "condition");
    if (!holds(t, lockPlace)) return finish(t);
    take(t, sync, place, 1, L.SYNC_TAKES, signalCame);
  }),
);
const lockNode = (t: Thread) => nodeAt(t, as(t, "condition").lockPlace);
const unlocking = step("unlock while waiting", (t) => {
  const { lock } = as(t, "condition");
  H.left(t, lock, t.world.m[(lockNode(t) + L.NODE_WEIGHT) >> 2]!);
  t.goTo(unlockingNow);
});
const unlockingNow = step("unlock now", (t) =>
  t.call(syncRelease, unlocked, H.recordOf(t.history, as(t, "condition").lock), t.slot, t.epoch, lockNode(t), L.GIVE_BACK),
);
const unlocked = step("unlocked", (t, status) => {
  if (isRefused(t, status, unlockingNow)) return;
  t.setRegister(SYNC, as(t, "condition").lock);
  serveThen(t, status, waiting);
});
const waiting = step("wait for the signal", (t) => {
  t.setRegister(SYNC, as(t, "condition").sync);
  park(t, t.register(PLACE), settled, hasTimer(t));
});
/** The signal, if one came, is used up only once the lock is held again; without the lock it goes to the next. */
const signalCame = step("the signal came, or not", (t) => {
  const { lock, lockPlace } = as(t, "condition");
  if (holds(t, lockPlace)) return t.goTo(relocked); // refused before it had unlocked
  const weight = t.world.m[(lockNode(t) + L.NODE_WEIGHT) >> 2]!;
  t.setRegister(R.OUTCOME, R.WENT_THROUGH);
  take(t, lock, lockPlace, weight, L.SYNC_TAKES, relocked);
});
const relocked = step("took the lock again, or not", (t) => {
  const { sync, place } = as(t, "condition");
  t.setRegister(SYNC, sync);
  t.setRegister(PLACE, place);
  if (holds(t, place)) t.goTo(endingSignal);
  else finish(t);
});
const endingSignal = step("use the signal up, or pass it on", (t) => {
  const mode = holds(t, as(t, "condition").lockPlace) ? L.CONSUME : L.GIVE_BACK;
  if (mode === L.GIVE_BACK) H.signalUsed(t, t.register(SYNC), -1);
  t.call(syncRelease, endedSignal, record(t), t.slot, t.epoch, nodeAt(t, t.register(PLACE)), mode);
});
const endedSignal = step("used the signal up, or passed it on", (t, status) => {
  if (!isRefused(t, status, endingSignal)) serveThen(t, status, over);
});
