// Tables of keys, and blocks that go with records.

import * as L from "../src/runtime/memory/layout.ts";
import type { Scene } from "./build.ts";
import type { History } from "./history.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import * as R from "./registers.ts";
import { begins, finish } from "./run.ts";
import { as } from "./sync.ts";
import * as H from "./sync-history.ts";
import { step, type Thread } from "./thread.ts";
import { MODEL_WORDS, Violation } from "./world.ts";

const FORGOTTEN = -1;
type Handle = readonly [record: number, gen: number];

const [keyTake, keyDrop, syncKeep, blockAlloc, blockFree] = ["keyTake", "keyDrop", "syncKeep", "blockAlloc", "blockFree"].map(indexOf) as [
  number,
  number,
  number,
  number,
  number,
];

function name(t: Thread, key: number, row: number, offer?: number, worn?: number): void {
  const at = t.slot + L.SLOT_KEY;
  // The digits of a key are what its words are made of, so that two keys may differ in one word alone; rows are told by the lowest bit.
  const digit = (place: number) => Math.floor(key / 10 ** place) % 10;
  [1 + digit(0), row + 2 * digit(1), row + 2 * digit(2), digit(3)].forEach((word, i) => {
    t.write(at + L.KEY_HASH + 4 * i, word);
  });
  t.write(at + L.KEY_OFFER, offer === undefined ? 0 : H.recordOf(t.history, offer));
  t.write(at + L.KEY_OFFER + 4, offer === undefined ? 0 : H.generationOf(t.history, offer));
  t.write(at + L.KEY_WORN, worn === undefined ? 0 : H.recordOf(t.history, worn));
  t.write(at + L.KEY_WORN + 4, worn === undefined ? 0 : H.generationOf(t.history, worn));
}
const table = (t: Thread, sync: number) => [H.recordOf(t.history, sync), H.generationOf(t.history, sync), t.slot, t.epoch] as const;

/** For each key, address and generation of the record that stands for it. */
const OWNERS = MODEL_WORDS + 1048;
const wordOf = ({ model }: History, key: number) => {
  const keys = model.threads.flatMap(({ program }) =>
    program.flatMap((one) => (one.do === "key" || one.do === "dropKey" ? [one.key] : [])),
  );
  return OWNERS + 2 * [...new Set(keys)].indexOf(key);
};
const ownerOf = (history: History, key: number) =>
  [history.world.m[wordOf(history, key)]!, history.world.m[wordOf(history, key) + 1]!] as const;
function setOwner(history: History, key: number, record: number, gen: number): void {
  history.world.set(wordOf(history, key), record);
  history.world.set(wordOf(history, key) + 1, gen);
}
function stands({ world }: History, record: number, gen: number): boolean {
  return record !== 0 && world.m[(record + L.SYNC_GEN) >> 2] === gen;
}
/** The order of the calls is the order of their answers: then it is known which record stands for a key. */
const isSure = (history: History) => history.isExact && !H.hadFaults(history);

const asking = step("take a key", (t) => {
  const { table: sync, key, row, offer, worn } = as(t, "key");
  name(t, key, row, offer, worn);
  t.call(keyTake, asked, ...table(t, sync));
});
const asked = step("took a key, or not", (t, status) => {
  if (isRefused(t, status, asking)) return;
  const { table: sync, key, offer } = as(t, "key");
  const said = t.slot + L.SLOT_KEY;
  const [offered, worn] = [L.KEY_OFFER, L.KEY_WORN].map((at) => [t.read(said + at), t.read(said + at + 4)] as const) as [Handle, Handle];
  const owner = ownerOf(t.history, key);
  const isOwned = stands(t.history, ...owner) && !(owner[0] === worn[0] && owner[1] === worn[1]);
  if (status === L.CLOSED) {
    if (!H.isClosedSync(t.history, sync)) t.fail("was refused by a table that is open");
  } else if (status === L.REFUSED) {
    const answer = [t.read(t.slot + L.SLOT_RESULT), t.read(t.slot + L.SLOT_RESULT_GEN)];
    if (isSure(t.history) && !(isOwned && answer[0] === owner[0] && answer[1] === owner[1]))
      t.fail(`was told that another record stands for key ${key}, and it does not`);
    if (!t.history.model.syncs!.some((_, other) => other !== sync && H.recordOf(t.history, other) === answer[0]))
      t.fail(`key ${key} is said to be of a record that nobody offered`);
  } else if (status === L.BLOCK) {
    if (isSure(t.history) && placesOf(t.history, sync).length < 2 * L.ROW_PLACES) t.fail("was told that there is no room, and there is");
  } else {
    if (offer === undefined ? status !== L.NONE : status !== L.OK) t.fail(`keyTake answered ${status}`);
    if (isSure(t.history) && isOwned) t.fail(`was not told that another record stands for key ${key}`);
    if (offer !== undefined) setOwner(t.history, key, ...offered);
  }
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
  const { table: sync, key } = as(t, "dropKey");
  if (status === L.CLOSED ? !H.isClosedSync(t.history, sync) : status !== L.OK && status !== L.NONE) t.fail(`keyDrop answered ${status}`);
  if (status !== L.CLOSED && isSure(t.history) && stands(t.history, ...ownerOf(t.history, key)) !== (status === L.OK))
    t.fail(`dropped key ${key}, and was answered ${status}`);
  if (status === L.OK) setOwner(t.history, key, 0, 0);
  finish(t);
});
begins("dropKey", dropping);

/** The places of a table whose record is there. */
function placesOf(history: History, sync: number): { key: number; record: number; gen: number }[] {
  const at = (address: number) => history.world.m[address >> 2]!;
  const { rows } = H.planOf(history, sync);
  const block = H.field(history, sync, L.SYNC_BLOCK);
  return Array.from({ length: rows! * L.ROW_PLACES }, (_, i) => {
    const place = block + L.BLOCK_HEADER + Math.floor(i / L.ROW_PLACES) * L.ROW_SIZE + (i % L.ROW_PLACES) * L.PLACE_SIZE;
    const [h0, h1, h2, h3] = [L.PLACE_HASH0, L.PLACE_HASH1, L.PLACE_HASH2, L.PLACE_HASH3].map((word) => at(place + word)) as number[];
    const key = h0 === 0 ? FORGOTTEN : h0! - 1 + 10 * (h1! >> 1) + 100 * (h2! >> 1) + 1_000 * h3!;
    return { key, record: at(place + L.PLACE_RECORD), gen: at(place + L.PLACE_GEN) };
  }).filter(({ record, gen }) => stands(history, record, gen));
}

/** What a table says at rest: no key twice, and the record that was made to stand for it. */
export function checkKeys({ history, model }: Scene): void {
  model.syncs?.forEach(({ rows }, sync) => {
    if (rows === undefined || !H.isCurrent(history, sync)) return;
    const seen = new Set<number>();
    for (const { key, record, gen } of placesOf(history, sync)) {
      if (key === FORGOTTEN) continue;
      const owner = ownerOf(history, key);
      if (isSure(history) && (owner[0] !== record || owner[1] !== gen))
        throw new Violation(`keys at rest: a record stands for key ${key} that was not made to`);
      if (seen.has(key)) throw new Violation(`keys at rest: key ${key} stands in two places`);
      seen.add(key);
    }
  });
}

// ── A block for a record ──
/** With one before it and one after it, if it is to leave the middle of its list. */
const THREE = [R.BESIDE, R.HELD, R.BLOCKS];
const allocating = step("a block for a record", (t) => t.call(blockAlloc, allocated, t.slot, t.epoch, 8));
const allocated = step("allocated a block for a record", (t, status) => {
  if (isRefused(t, status, allocating)) return;
  if (status !== L.OK) t.fail(`blockAlloc answered ${status}`);
  const block = t.read(t.slot + L.SLOT_RESULT);
  const next = (as(t, "keep").beside ? THREE : [R.HELD]).filter((register) => t.register(register) === 0);
  t.setRegister(next[0]!, block);
  const isReady = next.length === 1;
  t.goTo(isReady ? keeping : allocating);
});
const keeping = step("keep a block", (t) => t.call(syncKeep, kept, ...table(t, as(t, "keep").sync), t.register(R.HELD)));
const kept = step("kept a block, or not", (t, status) => {
  if (isRefused(t, status, keeping)) return;
  const { sync } = as(t, "keep");
  if (status === L.OK) {
    if (H.field(t.history, sync, L.SYNC_BLOCK) !== t.register(R.HELD) && isSure(t.history)) t.fail("a block was kept, and is not there");
    t.setRegister(R.HELD, 0);
  } else if (status !== L.REFUSED && !(status === L.CLOSED && H.isClosedSync(t.history, sync))) t.fail(`syncKeep answered ${status}`);
  t.goTo(leaving);
});
/** What was not kept, and what was beside it, goes back. */
const leaving = step("free what was not kept", (t) => {
  const left = THREE.find((register) => t.register(register) !== 0);
  if (left === undefined) return finish(t);
  t.call(blockFree, freed, t.slot, t.epoch, t.register(left));
});
const freed = step("freed what was not kept", (t, status) => {
  if (isRefused(t, status, leaving)) return;
  if (status !== L.OK) t.fail(`a block that was not kept cannot be freed: ${status}`);
  t.setRegister(THREE.find((register) => t.register(register) !== 0)!, 0);
  t.goTo(leaving);
});
begins("keep", allocating);
