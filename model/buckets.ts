// The instructions on buckets: take tokens from several at once, give them back, change a limit.

import * as L from "../src/runtime/memory/layout.ts";
import * as B from "./bucket-history.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import * as R from "./registers.ts";
import { begins, finish } from "./run.ts";
import { as, over, SYNC, serveThen } from "./sync.ts";
import * as H from "./sync-history.ts";
import { step, type Thread } from "./thread.ts";

const [bucketTake, bucketGive, bucketSet] = [indexOf("bucketTake"), indexOf("bucketGive"), indexOf("bucketSet")];

const tierOf = (t: Thread, index: number) => t.slot + L.SLOT_TIERS + index * L.TIER_SIZE;
const mayBeClosed = (t: Thread, syncs: readonly number[]) => syncs.some((sync) => H.isClosedSync(t.history, sync));
/** Says which buckets are meant, in the order of their addresses. */
function name(t: Thread, buckets: readonly number[]): void {
  buckets.forEach((sync, i) => {
    t.write(tierOf(t, i) + L.TIER_RECORD, H.recordOf(t.history, sync));
    t.write(tierOf(t, i) + L.TIER_GEN, H.generationOf(t.history, sync));
  });
}

const taking = step("take tokens", (t) => {
  const { buckets, n, now, most } = as(t, "tokens");
  name(t, buckets);
  t.call(bucketTake, took, t.slot, t.epoch, buckets.length, n, now, most);
});
const took = step("took tokens, or not", (t, status) => {
  if (isRefused(t, status, taking)) return;
  const { buckets, n, now, most, expect } = as(t, "tokens");
  const due = t.world.getF64((t.slot + L.SLOT_VALUE) >> 2);
  if (expect !== undefined && (status === L.OK ? due : -1) !== expect) t.fail(`was answered ${status}, due at ${due}`);
  if (status === L.OK) B.took(t, buckets, n, now, most, due);
  else if (status === L.REFUSED) B.refusedTokens(t, buckets, n, now, most);
  else if (status !== L.CLOSED || !mayBeClosed(t, buckets)) t.fail(`bucketTake answered ${status}`);
  t.setRegister(R.BUFFER, status === L.OK ? 1 : 0); // for an `untake` after it
  finish(t);
});
begins("tokens", taking);

const untaking = step("give tokens back, if there are any", (t) => {
  if (t.register(R.BUFFER) === 0) return finish(t);
  t.goTo(giving);
});
const giving = step("give tokens back", (t) => {
  const { buckets, n, now } = as(t, "untake");
  t.call(bucketGive, gave, t.slot, t.epoch, buckets.length, n, now);
});
const gave = step("gave tokens back", (t, status) => {
  if (isRefused(t, status, giving)) return;
  if (status !== L.OK) t.fail(`bucketGive answered ${status}`);
  const { buckets, n } = as(t, "untake");
  const dues = buckets.map((_, i) => t.world.getF64((tierOf(t, i) + L.TIER_DUE) >> 2));
  B.gave(t, buckets, n, dues);
  t.setRegister(R.BUFFER, 0);
  finish(t);
});
begins("untake", untaking);

const setting = step("set a bucket", (t) => {
  const { sync, what, value, now } = as(t, "setBucket");
  t.world.setF64((t.slot + L.SLOT_VALUE) >> 2, value);
  t.call(bucketSet, set, H.recordOf(t.history, sync), H.generationOf(t.history, sync), t.slot, t.epoch, what, now);
});
const set = step("set a bucket, or not", (t, status) => {
  if (isRefused(t, status, setting)) return;
  const { sync, what, expect } = as(t, "setBucket");
  const told = { [L.OK]: t.world.getF64((t.slot + L.SLOT_VALUE) >> 2), [L.REFUSED]: -1, [L.CLOSED]: -2 }[status];
  if (expect !== undefined && told !== expect) t.fail(`was told of ${told} tokens`);
  if (what !== L.BUCKET_LOOK) B.altered(t);
  const isClosing = what === L.BUCKET_CLOSE_FULL;
  if (isClosing && status === L.OK) {
    t.setRegister(SYNC, sync);
    H.closingSync(t.history, sync);
    return serveThen(t, L.CLOSED, over); // nobody waits or holds
  }
  if (status === L.REFUSED ? !isClosing : status !== L.OK && !mayBeClosed(t, [sync])) t.fail(`bucketSet answered ${status}`);
  finish(t);
});
begins("setBucket", setting);
