// The instructions on sync records that never wait: counting, signalling, closing, making.

import * as L from "../src/runtime/memory/layout.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import { begins, finish } from "./run.ts";
import { as, over, record, SYNC, serveThen } from "./sync.ts";
import * as H from "./sync-history.ts";
import { step } from "./thread.ts";

const [syncAdd, syncSignal, syncClose, syncMake] = [indexOf("syncAdd"), indexOf("syncSignal"), indexOf("syncClose"), indexOf("syncMake")];

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
  if (status === L.CLOSED && H.isClosedSync(t.history, sync)) return finish(t);
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
  if (status === L.CLOSED && H.isClosedSync(t.history, t.register(SYNC))) return finish(t);
  serveThen(t, status, over);
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
  finish(t);
});
begins("makeSync", making);
