// Channels of blocks: before an operation the thread makes a block for each of its send cases, with the value as a mark in the payload; afterwards it
// frees the block it received, and those whose send failed (PROTOCOL §5).

import * as L from "../src/runtime/memory/layout.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import { whenBlocks } from "./operation.ts";
import type { Instruction } from "./program.ts";
import * as R from "./registers.ts";
import { begins, finish } from "./run.ts";
import { step, type Thread } from "./thread.ts";

const [blockAlloc, blockFree, chanOp] = [indexOf("blockAlloc"), indexOf("blockFree"), indexOf("chanOp")];
const MARK_BYTES = 8;
const SPENT = 0x7ff8; // no value

type Operation = Extract<Instruction, { do: "op" }>;

/** The first send case of a channel of blocks that has no block yet, or −1. */
function wanting(t: Thread, { cases }: Operation): number {
  return cases.findIndex(({ channel, value }, i) => value !== undefined && t.history.isBlocks(channel) && t.register(R.BLOCKS + i) === 0);
}
function make(t: Thread, operation: Operation, next: number): void {
  const isReady = wanting(t, operation) < 0;
  t.setRegister(R.BACK, isReady ? 0 : next);
  t.goTo(isReady ? next : making);
}
const making = step("a block to send", (t) => t.call(blockAlloc, made, t.slot, t.epoch, MARK_BYTES));
const made = step("made a block to send", (t, status) => {
  if (isRefused(t, status, making)) return;
  if (status !== L.OK) t.fail(`blockAlloc answered ${status}`);
  const operation = t.instruction as Operation;
  const at = wanting(t, operation);
  const block = t.read(t.slot + L.SLOT_RESULT);
  t.write(block + L.BLOCK_HEADER, operation.cases[at]!.value!);
  t.setRegister(R.BLOCKS + at, block);
  make(t, operation, t.register(R.BACK));
});

const HELD = [R.BLOCKS, R.BLOCKS + 1, R.BLOCKS + 2, R.RECEIVED_BLOCK];
function drop(t: Thread, next: number): void {
  const isEmpty = HELD.every((at) => t.register(at) === 0);
  t.setRegister(R.BACK, isEmpty ? 0 : next);
  t.goTo(isEmpty ? next : dropping);
}
const heldAt = (t: Thread) => HELD.find((at) => t.register(at) !== 0)!;
const dropping = step("a block to free", (t) => {
  t.write(t.register(heldAt(t)) + L.BLOCK_HEADER, SPENT);
  t.goTo(droppingNow);
});
const droppingNow = step("free it", (t) => t.call(blockFree, dropped, t.slot, t.epoch, t.register(heldAt(t))));
const dropped = step("freed it", (t, status) => {
  if (isRefused(t, status, droppingNow)) return;
  if (status !== L.OK) t.fail(`a block that is its own cannot be freed: ${status}`);
  t.setRegister(heldAt(t), 0);
  drop(t, t.register(R.BACK));
});

whenBlocks({ make, drop });

// Whether there is such a block yet is seen when its turn comes, not when the program begins.
const wantingForeign = step("about to send another's block", (t) => t.load(t.slot + L.SLOT_PARK, foreign));
const foreign = step("a block that is not its own", (t) => {
  const { channel, place } = t.instruction as Extract<Instruction, { do: "sendForeign" }>;
  const block = t.history.block(place);
  if (block === 0 || t.history.isClosed(channel)) return finish(t);
  const node = t.ops + L.OP_NODE;
  t.write(t.ops + L.OP_SLOT, t.slot);
  t.write(t.ops + L.OP_EPOCH, t.epoch);
  t.write(node + L.NODE_OP, t.ops);
  t.write(node + L.NODE_KIND, L.SENDING);
  t.write(node + L.NODE_VALUE, block);
  t.write(node + L.NODE_VALUE + 4, 0);
  t.call(chanOp, refused, t.history.channel(channel), t.history.generation(channel), t.slot, t.epoch, node, 0);
});
const refused = step("refused it", (t, status) => {
  if (isRefused(t, status, foreign)) return;
  if (status === L.AGAIN) return t.goTo(foreign);
  if (status !== L.REFUSED && status !== L.BLOCK) t.fail(`sent a block that is not its own: ${status}`);
  for (const word of [L.NODE_OP, L.NODE_KIND, L.NODE_VALUE]) t.write(t.ops + L.OP_NODE + word, 0);
  finish(t);
});
begins("sendForeign", wantingForeign);
