// A wait at a sync record that a channel's close ends too, as a context does: a second node under the same operation, which peers of either side race for.

import * as L from "../src/runtime/memory/layout.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import * as R from "./registers.ts";
import { step, type Thread } from "./thread.ts";

const [chanOp, unlink] = [indexOf("chanOp"), indexOf("unlink")];
const CASE = 3;
/** The node of the first operation is lent. */
const nodeOf = (t: Thread) => t.ops + L.OP_NODE;
const CHANNEL = R.CASE;
const NEXT = R.CHOSEN;
const ENDED = R.LAST_LINKED;

/** The state of an operation that the guard's channel has ended. */
export const GUARD_FIRED = L.OP_FIRED + (CASE << 2) + (L.RECEIVING << 1) + 1;

/** Links the guard beside an operation that waits; then `linked`, or `ended` if the channel is closed: the operation is claimed then. */
export function linkGuard(t: Thread, channel: number, op: number, linked: number, ended: number): void {
  const node = nodeOf(t);
  t.write(node + L.NODE_OP, op);
  t.write(node + L.NODE_KIND, (CASE << 1) | L.RECEIVING);
  t.setRegister(CHANNEL, channel);
  t.setRegister(NEXT, linked);
  t.setRegister(ENDED, ended);
  t.goTo(linking);
}
const linking = step("link a guard", (t) => {
  const channel = t.register(CHANNEL);
  t.call(chanOp, linked, t.history.channel(channel), t.history.generation(channel), t.slot, t.epoch, nodeOf(t), L.LINK | L.VISIBLE);
});
const linked = step("linked a guard", (t, status) => {
  if (status === L.AGAIN) return t.goTo(linking);
  if (isRefused(t, status, linking)) return;
  if (status === L.CLOSED) t.goTo(t.register(ENDED));
  else if (status === L.PARKED || status === L.FIRED) t.goTo(t.register(NEXT));
  else t.fail(`a guard was answered ${status}`);
});

/** Takes the guard back; then `next`. */
export function unlinkGuard(t: Thread, channel: number, next: number): void {
  t.setRegister(CHANNEL, channel);
  t.setRegister(NEXT, next);
  t.goTo(unlinking);
}
const unlinking = step("unlink a guard", (t) =>
  t.call(unlink, unlinked, t.history.channel(t.register(CHANNEL)), t.slot, t.epoch, nodeOf(t)),
);
const unlinked = step("unlinked a guard", (t, status) => {
  if (isRefused(t, status, unlinking)) return;
  if (status !== L.OK) t.fail(`unlink of a guard answered ${status}`);
  t.goTo(t.register(NEXT));
});
