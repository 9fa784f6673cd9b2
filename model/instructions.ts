// The single-call instructions: close (one waiter a call), free, make, claim, and private blocks.

import * as L from "../src/runtime/memory/layout.ts";
import { LAST_FREED } from "./history-words.ts";
import { indexOf } from "./interpreter.ts";
import { awaitStarted, startOperation } from "./operation.ts";
import type { Instruction } from "./program.ts";
import * as R from "./registers.ts";
import { begins, finish } from "./run.ts";
import * as T from "./thread.ts";
import { step, type Thread } from "./thread.ts";

const [close, chanFree, chanMake, chanClaim, blockAlloc, blockFree] = [
  "close",
  "chanFree",
  "chanMake",
  "chanClaim",
  "blockAlloc",
  "blockFree",
].map(indexOf) as [number, number, number, number, number, number];

function as<K extends Instruction["do"]>(t: Thread, kind: K): Extract<Instruction, { do: K }> {
  const { instruction } = t;
  if (instruction.do !== kind) return t.fail(`is not at ${kind}`);
  return instruction as Extract<Instruction, { do: K }>;
}

/** What every call may answer beside its own: true if that was all. */
export function isRefused(t: Thread, status: number, again: number): boolean {
  if (status === L.BUSY) t.goTo(again);
  else if (status === L.FENCED) t.stop(T.ENDED);
  else return false;
  return true;
}

begins("op", startOperation);
begins("await", awaitStarted);

const closing = step("close", (t) => {
  const { channel } = as(t, "close");
  t.history.closing(channel);
  t.call(close, closed, t.history.channel(channel), t.history.generation(channel), t.slot, t.epoch, t.register(R.RESUMED));
});
const closed = step("closed", (t, status) => {
  if (isRefused(t, status, closing)) return;
  if (status === L.AGAIN) {
    t.setRegister(R.RESUMED, 1);
    return t.goTo(closing);
  }
  const { channel } = as(t, "close");
  if (status !== L.OK && status !== L.CLOSED && status !== L.STALE) t.fail(`close answered ${status}`);
  if (!t.history.isClosed(channel)) t.fail(`closed channel ${channel}, and it is open`);
  if (status === L.OK) t.history.closedBy(channel, t.index);
  else if (status === L.CLOSED && t.register(R.RESUMED) === 1) t.fail("its own close found the channel closed");
  if (t.world.m[(t.slot + L.SLOT_INTENT) >> 2] === t.history.channel(channel)) t.fail("its close is over, and it still stands as closing");
  finish(t);
});
begins("close", closing);

const freeing = step("free a channel", (t) => {
  const { channel, force } = as(t, "free");
  t.call(chanFree, freed, t.history.channel(channel), t.history.generation(channel), t.slot, t.epoch, force ? 1 : 0);
});
const freed = step("freed a channel", (t, status) => {
  if (isRefused(t, status, freeing)) return;
  if (status !== L.OK && status !== L.REFUSED && status !== L.STALE) t.fail(`chanFree answered ${status}`);
  const { channel, force } = as(t, "free");
  if (status === L.OK) t.history.freed(channel, force);
  if (status === L.STALE && t.history.channelIsCurrent(channel)) t.fail(`channel ${channel} is said to be stale`);
  finish(t);
});
begins("free", freeing);

const making = step("make a channel", (t) => {
  const { channel, capacity } = as(t, "make");
  t.call(chanMake, made, t.slot, t.epoch, capacity, t.history.codecOf(channel), t.history.strideOf(channel));
});
const made = step("made a channel", (t, status) => {
  if (isRefused(t, status, making)) return;
  if (status === L.NO_MEMORY && t.history.model.room !== undefined) return finish(t);
  if (status !== L.OK) t.fail(`chanMake answered ${status}`);
  const { channel, capacity } = as(t, "make");
  const address = t.read(t.slot + L.SLOT_RESULT);
  const word = (offset: number) => t.world.m[(address + offset) >> 2];
  if (word(L.CHANNEL_LIVE) !== 1 || word(L.CHANNEL_MAKER) !== t.slot || word(L.CHANNEL_CODEC) !== t.history.codecOf(channel))
    t.fail("made a channel that does not say what it is");
  t.history.madeChannel(channel, address, t.read(t.slot + L.SLOT_RESULT_GEN), capacity);
  finish(t);
});
begins("make", making);

const claiming = step("claim", (t) => {
  const { channel, direction, end } = as(t, "claim");
  t.call(chanClaim, claimed, t.history.channel(channel), t.history.generation(channel), t.slot, t.epoch, direction, end);
});
const claimed = step("claimed", (t, status) => {
  if (isRefused(t, status, claiming)) return;
  const { channel, direction, end } = as(t, "claim");
  if ((status === L.STALE) === t.history.channelIsCurrent(channel))
    t.fail(`claimed a side of channel ${channel}, and was answered ${status}`);
  if (status === L.OK) t.history.claimed(t.index, channel, direction, end);
  else if (status === L.REFUSED) t.history.refusedClaim(t.index, channel, direction, end);
  else if (status !== L.STALE) t.fail(`chanClaim answered ${status}`);
  finish(t);
});
begins("claim", claiming);

const lastWordOf = (block: number, bytes: number) => block + ((L.BLOCK_HEADER + bytes - 1) & -4);
const allocating = step("allocate", (t) => t.call(blockAlloc, allocated, t.slot, t.epoch, as(t, "alloc").bytes));
const allocated = step("allocated", (t, status) => {
  if (isRefused(t, status, allocating)) return;
  if (status === L.NO_MEMORY && t.history.model.room !== undefined) return finish(t);
  if (status !== L.OK) t.fail(`blockAlloc answered ${status}`);
  const block = t.read(t.slot + L.SLOT_RESULT);
  const { bytes, place } = as(t, "alloc");
  t.history.allocated(place, block, bytes);
  // Its payload is the caller's alone: whoever else writes it now is caught by the mark, and by the race check.
  t.write(block + L.BLOCK_HEADER, place + 1);
  t.write(lastWordOf(block, bytes), place + 1);
  finish(t);
});
begins("alloc", allocating);

const releasing = step("release", (t) => {
  const { place } = as(t, "release");
  const block = t.history.block(place);
  if (block === 0) return finish(t);
  const bytes = t.program.slice(0, t.at).reduce((last, i) => (i.do === "alloc" && i.place === place ? i.bytes : last), 4);
  for (const at of [block + L.BLOCK_HEADER, lastWordOf(block, bytes)])
    if (t.read(at) !== place + 1) t.fail(`block ${place} was overwritten`);
  t.history.setBlock(LAST_FREED, block);
  t.history.setBlock(place, 0); // somebody else may have it before the call returns
  t.setRegister(R.HELD, block);
  t.goTo(releasingNow);
});
const releasingNow = step("release now", (t) => t.call(blockFree, released, t.slot, t.epoch, t.register(R.HELD)));
const released = step("released", (t, status) => {
  if (isRefused(t, status, releasingNow)) return;
  if (status !== L.OK) t.fail(`blockFree answered ${status}`);
  finish(t);
});
begins("release", releasing);
