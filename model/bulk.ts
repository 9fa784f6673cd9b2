// sendMany and recvMany (channel-bulk.ts): as many values as there is room for in one call; where that would wait, one value as an operation of its
// own, then the rest in bulk again.

import * as L from "../src/runtime/memory/layout.ts";
import { readCell, writeCell } from "./cells.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import { startOperation, whenPart } from "./operation.ts";
import type { Instruction, SelectCase } from "./program.ts";
import { CELL_BYTES, UNTOUCHED } from "./records.ts";
import * as R from "./registers.ts";
import { begins, finish } from "./run.ts";
import { step, type Thread } from "./thread.ts";

type Bulk = Extract<Instruction, { do: "sendMany" | "recvMany" }>;
type Operation = Extract<Instruction, { do: "op" }>;

const [trySendMany, tryRecvMany] = [indexOf("trySendMany"), indexOf("tryRecvMany")];
const BULK_MOST = 3;
/** A cell that is sent or received at once, and behind it the values of a bulk call. */
export const BUFFER_BYTES = CELL_BYTES * (1 + BULK_MOST);

export const isBulk = (instruction: Instruction | undefined): instruction is Bulk =>
  instruction?.do === "sendMany" || instruction?.do === "recvMany";
const bulkOf = (t: Thread) => t.instruction as Bulk;
const countOf = (bulk: Bulk) => (bulk.do === "sendMany" ? bulk.values.length : bulk.count);
const left = (t: Thread) => countOf(bulkOf(t)) - t.register(R.PROGRESS);
const areaOf = (t: Thread) => t.register(R.BUFFER) + L.BLOCK_HEADER + CELL_BYTES;
function put(t: Thread, i: number, value: number): void {
  const { channel } = bulkOf(t);
  if (t.history.isCells(channel)) writeCell(t, areaOf(t) + CELL_BYTES * i, value);
  else t.world.stF64(areaOf(t) + 8 * i, value);
}
function get(t: Thread, i: number): number {
  const { channel } = bulkOf(t);
  return t.history.isCells(channel) ? readCell(t, areaOf(t) + CELL_BYTES * i) : t.world.ldF64(areaOf(t) + 8 * i);
}

function caseAt(bulk: Bulk, progress: number): SelectCase {
  if (bulk.do === "recvMany") return { channel: bulk.channel, direction: L.RECEIVING };
  return { channel: bulk.channel, direction: L.SENDING, value: bulk.values[progress]! };
}
/** The operations a bulk operation may fall back to, one for each of its values. */
const singles = new WeakMap<Bulk, Operation[]>();
function singleAt(bulk: Bulk, progress: number): Operation {
  let list = singles.get(bulk);
  if (list === undefined) {
    list = Array.from({ length: countOf(bulk) }, (_, i) => {
      return { do: "op", cases: [caseAt(bulk, i)], fast: false, try: false, timer: bulk.timer, started: false };
    });
    singles.set(bulk, list);
  }
  return list[progress]!;
}

const start = step("bulk", (t) => {
  const bulk = bulkOf(t);
  if (bulk.do === "sendMany") for (const value of bulk.values) t.history.sending(value);
  t.goTo(trying);
});
const trying = step("bulk: as many as possible", (t) => {
  const bulk = bulkOf(t);
  const from = t.register(R.PROGRESS);
  for (let i = 0; i < BULK_MOST; i++) put(t, i, bulk.do === "sendMany" ? (bulk.values[from + i] ?? UNTOUCHED) : UNTOUCHED);
  const fn = bulk.do === "sendMany" ? trySendMany : tryRecvMany;
  t.call(fn, tried, t.history.channel(bulk.channel), t.history.generation(bulk.channel), t.slot, t.epoch, areaOf(t), left(t));
});
const tried = step("bulk: done", (t, status) => {
  if (isRefused(t, status, trying)) return;
  const bulk = bulkOf(t);
  if (status === L.OK) return went(t, t.read(t.slot + L.SLOT_RESULT));
  if (status === L.CLOSED) {
    if (!t.history.isClosed(bulk.channel)) t.fail(`met "closed" on channel ${bulk.channel}, which is open`);
    return stop(t);
  }
  if (status !== L.BLOCK && status !== L.SLOW) t.fail(`a bulk call answered ${status}`);
  if (status === L.BLOCK) t.history.triedInVain(t.index, caseAt(bulk, t.register(R.PROGRESS)));
  if (bulk.try) stop(t);
  else t.goTo(startOperation);
});
function went(t: Thread, count: number): void {
  const bulk = bulkOf(t);
  const from = t.register(R.PROGRESS);
  if (count < 1 || count > left(t)) t.fail(`moved ${count} values of ${left(t)}`);
  for (let i = 0; i < BULK_MOST; i++) {
    const value = get(t, i);
    if (bulk.do === "sendMany") {
      if (value !== (bulk.values[from + i] ?? UNTOUCHED)) t.fail("its own words were overwritten by a send");
      if (i < count) t.history.accepted(value);
    } else if (i < count) t.history.received(value, t.index, bulk.channel);
    else if (value !== UNTOUCHED) t.fail(`was given more values than the ${count} it was told`);
  }
  advance(t, count);
}
function advance(t: Thread, count: number): void {
  t.setRegister(R.PROGRESS, t.register(R.PROGRESS) + count);
  if (left(t) > 0) t.goTo(trying);
  else stop(t);
}
/** The rest is not done. */
function stop(t: Thread): void {
  const bulk = bulkOf(t);
  if (bulk.do === "sendMany") for (const value of bulk.values.slice(t.register(R.PROGRESS))) t.history.rejected(value);
  for (let i = 0; i < BULK_MOST; i++) put(t, i, UNTOUCHED);
  finish(t);
}
function singleOver(t: Thread): void {
  const outcome = t.register(R.OUTCOME);
  t.clearRegisters(R.LOCAL, R.PROGRESS);
  t.setRegister(R.OUTCOME, R.WENT_THROUGH);
  t.setRegister(R.SETTLED, 0);
  if (outcome === R.WENT_THROUGH) advance(t, 1);
  else stop(t);
}

begins("sendMany", start);
begins("recvMany", start);
whenPart((t) => (isBulk(t.instruction) ? singleAt(t.instruction, t.register(R.PROGRESS)) : undefined), singleOver);
