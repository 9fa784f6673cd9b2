// Descriptions of structs (schema.ts of the channels): looked for in the table, added if new, looked for again if others were added meanwhile.

import * as L from "../src/runtime/memory/layout.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import type { Instruction } from "./program.ts";
import * as R from "./registers.ts";
import { begins, finish } from "./run.ts";
import { step, type Thread } from "./thread.ts";

const [schemaAdd, blockAlloc, blockFree] = [indexOf("schemaAdd"), indexOf("blockAlloc"), indexOf("blockFree")];
const TEXT_BYTES = 8;

const schemaOf = (t: Thread) => t.instruction as Extract<Instruction, { do: "schema" }>;
const entryAt = (number: number) => L.SCHEMAS_AT + L.SCHEMA_TABLE + 4 * number;
const first = (t: Thread) => t.history.model.schemas ?? 0;

const counting = step("schema: how many", (t) => t.load(L.SCHEMAS_AT + L.SCHEMA_WORD, counted));
const counted = step("schema: counted", (t, word) => {
  const count = word >>> 1;
  for (let number = first(t); number < count; number++) {
    if (t.read(t.read(entryAt(number)) + L.BLOCK_HEADER) === schemaOf(t).text) return finish(t);
  }
  t.setRegister(R.CASE, count);
  t.goTo(making);
});
const making = step("schema: a block", (t) => t.call(blockAlloc, made, t.slot, t.epoch, TEXT_BYTES));
const made = step("schema: made a block", (t, status) => {
  if (isRefused(t, status, making)) return;
  if (status !== L.OK) t.fail(`blockAlloc answered ${status}`);
  const block = t.read(t.slot + L.SLOT_RESULT);
  if (t.register(R.HELD) !== 0) {
    t.setRegister(R.BESIDE, block);
    return t.goTo(adding);
  }
  t.write(block + L.BLOCK_HEADER, schemaOf(t).text);
  t.setRegister(R.HELD, block);
  t.goTo(schemaOf(t).beside ? making : adding);
});
const adding = step("schema: add", (t) => t.call(schemaAdd, added, t.slot, t.epoch, t.register(R.HELD), t.register(R.CASE)));
const added = step("schema: added", (t, status) => {
  if (isRefused(t, status, adding)) return;
  const [number, block] = [t.register(R.CASE), t.register(R.HELD)];
  const isFull = number >= L.SCHEMA_MAX;
  if (status !== (isFull ? L.REFUSED : L.OK) && (isFull || status !== L.AGAIN)) t.fail(`schemaAdd answered ${status}`);
  if (status === L.OK) {
    if (t.world.m[entryAt(number) >> 2] !== block) t.fail("its schema does not stand where it was added");
    t.setRegister(R.HELD, 0);
  }
  t.setRegister(R.CHOSEN, status);
  t.goTo(dropping);
});
/** Frees the block, unless the table has it, and the one beside it. */
const dropping = step("schema: blocks to free", (t) => {
  const block = t.register(R.HELD) || t.register(R.BESIDE);
  if (block !== 0) t.call(blockFree, dropped, t.slot, t.epoch, block);
  else if (t.register(R.CHOSEN) === L.AGAIN) t.goTo(counting);
  else finish(t);
});
const dropped = step("schema: freed a block", (t, status) => {
  if (isRefused(t, status, dropping)) return;
  if (status !== L.OK) t.fail(`a block of its own cannot be freed: ${status}`);
  t.setRegister(t.register(R.HELD) === 0 ? R.BESIDE : R.HELD, 0);
  t.goTo(dropping);
});
begins("schema", counting);
