// Channels of cells: values wider than a word, copied whole between private memory and the ring. Here a cell is two doubles that must agree.
// What is sent or received at once passes through the thread's workspace; an operation that may wait gets a private block for each of its cells, whose
// address its node carries, and frees it when it is over.

import * as L from "../src/runtime/memory/layout.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import { operationUnder, whenCells } from "./operation.ts";
import type { Instruction } from "./program.ts";
import { CELL_BYTES, UNTOUCHED } from "./records.ts";
import * as R from "./registers.ts";
import { step, type Thread } from "./thread.ts";

const blockAlloc = indexOf("blockAlloc");

type Operation = Extract<Instruction, { do: "op" }>;

export function writeCell(t: Thread, address: number, value: number): void {
  for (let at = 0; at < CELL_BYTES; at += 8) t.world.stF64(address + at, value);
}
export function readCell(t: Thread, address: number): number {
  const value = t.world.ldF64(address);
  for (let at = 8; at < CELL_BYTES; at += 8) if (t.world.ldF64(address + at) !== value) t.fail(`the cell at ${address} is torn`);
  return value;
}

/** The cell of the workspace; behind it lies room for bulk calls. */
const workspaceCell = (t: Thread) => t.register(R.BUFFER) + L.BLOCK_HEADER;

/** Where the value of a case of a channel of cells comes from or goes to. */
function cellOf(t: Thread, at: number): number {
  const block = t.register(R.BLOCKS + at);
  return block === 0 ? workspaceCell(t) : block + L.BLOCK_HEADER;
}
function fill(t: Thread, { cases }: Operation, at: number): void {
  writeCell(t, cellOf(t, at), cases[at]!.value ?? UNTOUCHED);
}
/** The value received, out of its cell. */
function take(t: Thread, at: number): number {
  const value = readCell(t, cellOf(t, at));
  writeCell(t, cellOf(t, at), UNTOUCHED);
  return value;
}

/** The first case of a channel of cells that has no block yet, or −1. A single one that is only tried needs none. */
function wanting(t: Thread, { cases, try: isTried }: Operation): number {
  if (isTried && cases.length === 1) return -1;
  return cases.findIndex(({ channel }, i) => t.history.isCells(channel) && t.register(R.BLOCKS + i) === 0);
}
function make(t: Thread, operation: Operation, next: number): void {
  const isReady = wanting(t, operation) < 0;
  t.setRegister(R.BACK, isReady ? 0 : next);
  t.goTo(isReady ? next : making);
}
const making = step("a cell", (t) => t.call(blockAlloc, made, t.slot, t.epoch, CELL_BYTES));
const made = step("made a cell", (t, status) => {
  if (isRefused(t, status, making)) return;
  if (status !== L.OK) t.fail(`blockAlloc answered ${status}`);
  const operation = operationUnder(t)!;
  t.setRegister(R.BLOCKS + wanting(t, operation), t.read(t.slot + L.SLOT_RESULT));
  make(t, operation, t.register(R.BACK));
});

/** It is over: nobody has written where nothing was received, nor where something was sent from. */
function checkAfter(t: Thread, { cases }: Operation): void {
  cases.forEach(({ channel, value }, at) => {
    if (!t.history.isCells(channel)) return;
    if (readCell(t, cellOf(t, at)) !== (value ?? UNTOUCHED)) t.fail(`the cell of case ${at} was written by somebody else`);
    writeCell(t, cellOf(t, at), UNTOUCHED);
  });
}

whenCells({ make, fill, take, cellOf, checkAfter });
