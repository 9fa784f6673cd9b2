// What the supervisor mends at sync records: nodes of the dead, and whatever a thread was in the middle of.

import * as L from "../src/runtime/memory/layout.ts";
import { broken } from "./park.ts";
import { recordsOf } from "./records.ts";
import * as R from "./registers.ts";
import { fn, repeat } from "./supervisor-calls.ts";
import { step, type Thread } from "./thread.ts";

const NODE = R.HELD;
const RECORD = R.INTENT;
const THEN = R.RESULT;
const AT = R.RESUMED;

/** The node of a dead operation, which is cancelled or fired, so that its record is final: it waits, or it holds; then `next`. */
export function sweepSyncNode(t: Thread, node: number, next: number): void {
  t.setRegister(THEN, next);
  t.setRegister(NODE, node);
  t.setRegister(RECORD, t.read(node + L.NODE_SYNC));
  if (t.register(RECORD) === 0) over(t);
  else t.goTo(t.register(R.AFTER_EXIT) === 1 || broken.earlyHandOn ? abandoning : unlinking);
}
function over(t: Thread): void {
  const next = t.register(THEN);
  for (const register of [THEN, NODE, RECORD]) t.setRegister(register, 0);
  t.goTo(next);
}
const abandoning = step("give back for the dead", (t) =>
  t.call(fn.syncRelease!, abandoned, t.register(RECORD), t.slot, t.epoch, t.register(NODE), broken.noMark ? L.GIVE_BACK : L.ABANDON),
);
const abandoned = step("gave back for the dead", (t, status) => {
  if (repeat(t, status, abandoning, L.OK, L.AGAIN, L.CLOSED, L.NONE)) return;
  if (status === L.NONE) t.goTo(unlinking);
  else over(t);
});
const unlinking = step("withdraw for the dead", (t) =>
  t.call(fn.syncServe!, unlinked, t.register(RECORD), t.slot, t.epoch, t.register(NODE)),
);
const unlinked = step("withdrew for the dead", (t, status) => {
  if (!repeat(t, status, unlinking, L.OK, L.AGAIN, L.CLOSED)) over(t);
});

/** Every record: conditions whose lock is abandoned or gone are woken, who can be served is served, what is closed and unused is freed; then `next`. */
export function serveSyncs(t: Thread, next: number): void {
  t.setRegister(THEN, next);
  t.setRegister(AT, 0);
  t.goTo(nextRecord);
}
const peek = (t: Thread, address: number) => t.world.m[address >> 2]!;
const nextRecord = step("next sync record", (t) => {
  const records = broken.noServeAfterDeath ? [] : recordsOf(t.world, L.KIND_SYNC, L.SYNC_SIZE);
  let at = t.register(AT);
  while (at < records.length && peek(t, records[at]! + L.SYNC_LIVE) !== 1) at++;
  t.setRegister(AT, at + 1);
  const record = records[at];
  if (record === undefined) {
    t.setRegister(AT, 0);
    return over(t);
  }
  t.setRegister(RECORD, record);
  const lock = peek(t, record + L.SYNC_LOCK_OF);
  const isAlarmed =
    lock !== 0 &&
    (peek(t, lock + L.SYNC_GEN) !== peek(t, record + L.SYNC_LOCK_GEN) || (peek(t, lock + L.SYNC_FLAGS) & L.SYNC_ABANDONED) !== 0) &&
    !broken.noAlarm;
  t.goTo(isAlarmed ? alarming : serving);
});
const alarming = step("wake a condition", (t) =>
  t.call(fn.syncSignal!, served, t.register(RECORD), peek(t, t.register(RECORD) + L.SYNC_GEN), t.slot, t.epoch, 1),
);
const serving = step("serve for the dead", (t) => t.call(fn.syncServe!, served, t.register(RECORD), t.slot, t.epoch, 0));
const served = step("served for the dead", (t, status) => {
  if (status === L.AGAIN) return t.goTo(serving);
  if (repeat(t, status, serving, L.OK, L.CLOSED)) return;
  t.goTo(status === L.CLOSED ? freeing : nextRecord);
});
const freeing = step("free for the dead", (t) =>
  t.call(fn.syncFree!, freed, t.register(RECORD), peek(t, t.register(RECORD) + L.SYNC_GEN), t.slot, t.epoch),
);
const freed = step("freed for the dead", (t, status) => {
  if (!repeat(t, status, freeing, L.OK, L.REFUSED, L.STALE)) t.goTo(nextRecord);
});
