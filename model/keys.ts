// Tables of keys, and blocks that go with records.

import * as L from "../src/runtime/memory/layout.ts";
import type { Scene } from "./build.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import * as R from "./registers.ts";
import { begins, finish } from "./run.ts";
import { as } from "./sync.ts";
import * as H from "./sync-history.ts";
import { step, type Thread } from "./thread.ts";
import { Violation } from "./world.ts";

const [keyTake, keyDrop, syncKeep, blockAlloc, blockFree] = ["keyTake", "keyDrop", "syncKeep", "blockAlloc", "blockFree"].map(indexOf) as [
  number,
  number,
  number,
  number,
  number,
];

function name(t: Thread, key: number, row: number, offer?: number, worn?: number): void {
  const at = t.slot + L.SLOT_KEY;
  [key, row, row, key].forEach((word, i) => {
    t.write(at + L.KEY_HASH + 4 * i, word);
  });
  t.write(at + L.KEY_OFFER, offer === undefined ? 0 : H.recordOf(t.history, offer));
  t.write(at + L.KEY_OFFER + 4, offer === undefined ? 0 : H.generationOf(t.history, offer));
  t.write(at + L.KEY_WORN, worn === undefined ? 0 : H.recordOf(t.history, worn));
  t.write(at + L.KEY_WORN + 4, worn === undefined ? 0 : H.generationOf(t.history, worn));
}
const table = (t: Thread, sync: number) => [H.recordOf(t.history, sync), H.generationOf(t.history, sync), t.slot, t.epoch] as const;

const asking = step("take a key", (t) => {
  const { table: sync, key, row, offer, worn } = as(t, "key");
  name(t, key, row, offer, worn);
  t.call(keyTake, asked, ...table(t, sync));
});
const asked = step("took a key, or not", (t, status) => {
  if (isRefused(t, status, asking)) return;
  const { table: sync, key, offer, worn } = as(t, "key");
  if (status === L.CLOSED) {
    if (!H.isClosedSync(t.history, sync)) t.fail("was refused by a table that is open");
  } else if (status === L.REFUSED) {
    const record = t.read(t.slot + L.SLOT_RESULT);
    const gen = t.read(t.slot + L.SLOT_RESULT_GEN);
    const { history } = t;
    // It may have been freed and made again since, and who did so may not have been told yet: only its place is sure.
    if (!history.model.syncs!.some((_, other) => other !== sync && H.recordOf(history, other) === record))
      t.fail(`key ${key} is said to be of a record that nobody offered`);
    if (history.isExact && t.world.m[(record + L.SYNC_GEN) >> 2] !== gen) t.fail(`key ${key} is said to be of a record that was freed`);
    if (history.isExact && worn !== undefined && H.recordOf(history, worn) === record && H.generationOf(history, worn) === gen)
      t.fail("was shown the record that was to be replaced");
  } else if (offer === undefined ? status !== L.NONE : status !== L.OK) t.fail(`keyTake answered ${status}`);
  finish(t);
});
begins("key", asking);

const dropping = step("drop a key", (t) => {
  const { table: sync, key, row } = as(t, "dropKey");
  name(t, key, row);
  t.call(keyDrop, dropped, ...table(t, sync));
});
const dropped = step("dropped a key", (t, status) => {
  if (isRefused(t, status, dropping)) return;
  const mayBeClosed = H.isClosedSync(t.history, as(t, "dropKey").table);
  if (status !== L.OK && status !== L.NONE && !(status === L.CLOSED && mayBeClosed)) t.fail(`keyDrop answered ${status}`);
  finish(t);
});
begins("dropKey", dropping);

/** What a table says at rest: no key twice, nothing in a row that is not the key's. */
export function checkKeys({ world, history, model }: Scene): void {
  const at = (address: number) => world.m[address >> 2]!;
  model.syncs?.forEach(({ rows }, sync) => {
    if (rows === undefined || !H.isCurrent(history, sync)) return;
    const block = H.field(history, sync, L.SYNC_BLOCK);
    const seen = new Set<number>();
    for (let i = 0; i < rows * L.ROW_PLACES; i++) {
      const place = block + L.BLOCK_HEADER + Math.floor(i / L.ROW_PLACES) * L.ROW_SIZE + (i % L.ROW_PLACES) * L.PLACE_SIZE;
      const record = at(place + L.PLACE_RECORD);
      const key = at(place + L.PLACE_HASH0);
      if (record === 0 || key === 0 || at(record + L.SYNC_GEN) !== at(place + L.PLACE_GEN)) continue;
      if (seen.has(key)) throw new Violation(`keys at rest: key ${key} stands in two places`);
      seen.add(key);
    }
  });
}

// ── A block for a record ──
const allocating = step("a block for a record", (t) => t.call(blockAlloc, allocated, t.slot, t.epoch, 8));
const allocated = step("allocated a block for a record", (t, status) => {
  if (isRefused(t, status, allocating)) return;
  if (status !== L.OK) t.fail(`blockAlloc answered ${status}`);
  t.setRegister(R.HELD, t.read(t.slot + L.SLOT_RESULT));
  t.goTo(keeping);
});
const keeping = step("keep a block", (t) => t.call(syncKeep, kept, ...table(t, as(t, "keep").sync), t.register(R.HELD)));
const kept = step("kept a block, or not", (t, status) => {
  if (isRefused(t, status, keeping)) return;
  const { sync } = as(t, "keep");
  if (status === L.OK) return finish(t);
  if (status !== L.REFUSED && !(status === L.CLOSED && H.isClosedSync(t.history, sync))) t.fail(`syncKeep answered ${status}`);
  t.goTo(freeing);
});
const freeing = step("free a block that was not kept", (t) => t.call(blockFree, freed, t.slot, t.epoch, t.register(R.HELD)));
const freed = step("freed a block that was not kept", (t, status) => {
  if (isRefused(t, status, freeing)) return;
  if (status !== L.OK) t.fail(`a block that was not kept cannot be freed: ${status}`);
  finish(t);
});
begins("keep", allocating);
