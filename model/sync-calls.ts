// The instructions on sync records that never wait: counting, signalling, closing, making.

import * as L from "../src/runtime/memory/layout.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import { begins, finish } from "./run.ts";
import { as, over, record, SYNC, serveThen } from "./sync.ts";
import * as H from "./sync-history.ts";
import { step, type Thread } from "./thread.ts";

const [syncAdd, syncSignal, syncClose, syncMake, numberDo] = ["syncAdd", "syncSignal", "syncClose", "syncMake", "numberDo"].map(
  indexOf,
) as [number, number, number, number, number];

/** It was closed. Where calls are atomic a record that is closed now was closed before this call, which has to say so. */
function isLateFor(t: Thread, sync: number, status: number): boolean {
  if (t.history.isExact && status !== L.CLOSED && !H.isOpen(t.history, sync)) t.fail(`did something to record ${sync}, which is closed`);
  if (status === L.CLOSED && !H.isClosedSync(t.history, sync)) t.fail(`was told that record ${sync} is closed, and it is open`);
  return status === L.CLOSED && H.isClosedSync(t.history, sync);
}

begins(
  "add",
  step("add to a count", (t) => {
    t.setRegister(SYNC, as(t, "add").sync);
    t.goTo(adding);
  }),
);
const adding = step("add", (t) =>
  t.call(syncAdd, added, record(t), H.generationOf(t.history, t.register(SYNC)), t.slot, t.epoch, as(t, "add").amount),
);
const added = step("added", (t, status) => {
  if (isRefused(t, status, adding)) return;
  const { sync, amount } = as(t, "add");
  if (status === L.REFUSED) {
    if (t.history.isExact && H.countOf(t.history, sync) + amount >= 0) t.fail("was refused a count that is not negative");
    return finish(t);
  }
  if (isLateFor(t, sync, status)) return finish(t);
  H.counted(t.history, sync, amount);
  serveThen(t, status, over);
});
begins(
  "signal",
  step("signal something", (t) => {
    t.setRegister(SYNC, as(t, "signal").sync);
    t.goTo(signalling);
  }),
);
const signalling = step("signal", (t) =>
  t.call(syncSignal, signalled, record(t), H.generationOf(t.history, t.register(SYNC)), t.slot, t.epoch, as(t, "signal").all ? 1 : 0),
);
const signalled = step("signalled", (t, status) => {
  if (isRefused(t, status, signalling)) return;
  if (isLateFor(t, t.register(SYNC), status)) return finish(t);
  H.signalled(t.history, t.register(SYNC), as(t, "signal").all);
  serveThen(t, status, over);
});

// ── A number ──
begins(
  "number",
  step("change a number", (t) => {
    t.setRegister(SYNC, as(t, "number").sync);
    t.goTo(changing);
  }),
);
const changing = step("change the number", (t) => {
  const { what, a, b = 0 } = as(t, "number");
  t.world.stF64(t.slot + L.SLOT_VALUE, b); // this thread's own line
  t.call(numberDo, changed, record(t), H.generationOf(t.history, t.register(SYNC)), t.slot, t.epoch, what, a);
});
const changed = step("changed the number", (t, status) => {
  if (isRefused(t, status, changing)) return;
  const { sync, what, a, b = 0 } = as(t, "number");
  if (status === L.OK) H.changed(t, sync, t.world.ldF64(t.slot + L.SLOT_VALUE), what, a, b);
  else if (status !== L.CLOSED || !H.isClosedSync(t.history, sync)) t.fail(`a number answered ${status}`);
  finish(t);
});
begins(
  "closeSync",
  step("close a sync record", (t) => {
    t.setRegister(SYNC, as(t, "closeSync").sync);
    H.closingSync(t.history, t.register(SYNC));
    t.goTo(closing);
  }),
);
const closing = step("close it", (t) => t.call(syncClose, closed, record(t), H.generationOf(t.history, t.register(SYNC)), t.slot, t.epoch));
const closed = step("closed it", (t, status) => {
  if (isRefused(t, status, closing)) return;
  if (status === L.STALE) return finish(t);
  serveThen(t, status, over);
});
const making = step("make a sync record", (t) => {
  const { policy, permits, lock } = H.planOf(t.history, as(t, "makeSync").sync);
  const lockAt = lock === undefined ? 0 : H.recordOf(t.history, lock);
  t.call(syncMake, made, t.slot, t.epoch, policy, permits, lockAt, lock === undefined ? 0 : H.generationOf(t.history, lock));
});
const made = step("made a sync record", (t, status) => {
  if (isRefused(t, status, making)) return;
  if (status !== L.OK) t.fail(`syncMake answered ${status}`);
  H.madeSync(t.history, as(t, "makeSync").sync, t.read(t.slot + L.SLOT_RESULT), t.read(t.slot + L.SLOT_RESULT_GEN));
  if (t.history.isExact) checkNew(t, as(t, "makeSync").sync);
  finish(t);
});
/** Nothing of what it was before is left in a record that was just made. */
function checkNew(t: Thread, sync: number): void {
  const { policy, permits, lock } = H.planOf(t.history, sync);
  const expected: readonly [offset: number, value: number][] = [
    [L.SYNC_POLICY, policy],
    [L.SYNC_PERMITS, permits],
    [L.SYNC_FREE, policy === L.SYNC_SIGNALLING ? 0 : permits],
    [L.SYNC_FLAGS, 0],
    [L.SYNC_LOCK_OF, lock === undefined ? 0 : H.recordOf(t.history, lock)],
    [L.SYNC_LOCK_GEN, lock === undefined ? 0 : H.generationOf(t.history, lock)],
    [L.SYNC_MAKER, t.slot],
    [L.SYNC_LIVE, 1],
    [L.SYNC_NUMBER, 0],
    [L.SYNC_NUMBER + 4, 0],
    [L.SYNC_CELL, 0],
  ];
  for (const [offset, value] of expected)
    if (H.field(t.history, sync, offset) !== value)
      t.fail(`made a record with ${H.field(t.history, sync, offset)} at ${offset}, where ${value} belongs`);
}
begins("makeSync", making);
