// Cases of buckets of tokens, of tables of keys, and of records that keep a block.

import * as L from "../src/runtime/memory/layout.ts";
import { plan } from "./notation.ts";
import type { Instruction, ModelCase } from "./program.ts";
import type { SyncPlan } from "./program-sync.ts";

const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7];
const EVER = 1_000_000;
/** Tokens a second: one a millisecond. */
const PER_MS = 1_000;

const bucket = (rate: number, burst: number): SyncPlan => ({ policy: L.SYNC_SIGNALLING, permits: 1, bucket: { rate, burst } });
const table: SyncPlan = { policy: L.SYNC_SEMAPHORE, permits: 1, rows: 2 };
const called: SyncPlan = { policy: L.SYNC_LOCKING, permits: 9 };

const tokens = (buckets: number[], n: number, now = 0, most = 0): Instruction => ({ do: "tokens", buckets, n, now, most });
const untake = (buckets: number[], n: number, now = 0): Instruction => ({ do: "untake", buckets, n, now });
const set = (sync: number, what: number, value: number, now = 0): Instruction => ({ do: "setBucket", sync, what, value, now });
/** Of the first bucket, with what must be told. */
const told = (what: number, value: number, now: number, expect: number): Instruction => ({
  do: "setBucket",
  sync: 0,
  what,
  value,
  now,
  expect,
});
const got = (n: number, now: number, most: number, expect: number): Instruction => ({ do: "tokens", buckets: [0], n, now, most, expect });
const close = (sync: number): Instruction => ({ do: "closeSync", sync });
const make = (sync: number): Instruction => ({ do: "makeSync", sync });
/** Waits for tokens: at the record, which lets nobody through, until the timer ends it. */
const pause = (sync: number): Instruction => ({ do: "take", sync, place: 1, weight: 1, wish: 0, timer: true });
const key = (k: number, offer?: number, worn?: number, row = 0): Instruction => ({
  do: "key",
  table: 0,
  key: k,
  row,
  ...(offer === undefined ? {} : { offer }),
  ...(worn === undefined ? {} : { worn }),
});
const drop = (k: number): Instruction => ({ do: "dropKey", table: 0, key: k, row: 0 });
const keep = (sync: number, beside = false): Instruction => ({ do: "keep", sync, beside });
const lead = (sync: number): Instruction => ({
  do: "take",
  sync,
  place: 1,
  weight: 9,
  wish: L.SYNC_TAKES | L.SYNC_RECOVERS | L.SYNC_BARGES,
});
const join = (sync: number): Instruction => ({ do: "take", sync, place: 1, weight: 1, wish: L.SYNC_TAKES | L.SYNC_RECOVERS, timer: true });
const give = (sync: number): Instruction => ({ do: "give", sync, place: 1 });

const on = (name: string, syncs: SyncPlan[], ...threads: Instruction[][]): ModelCase => ({
  name,
  channels: [],
  syncs,
  threads: threads.map((program) => plan(...program)),
});

const ALL = [0, 1, 2, 3];
const FOUR = ALL.map(() => bucket(PER_MS, 4));

const BUCKETS: ModelCase[] = [
  on(
    "bucket: alone",
    [bucket(PER_MS, 3)],
    [
      tokens([0], 3),
      tokens([0], 1),
      tokens([0], 2, 0, EVER),
      untake([0], 2, 1),
      tokens([0], 4, 5, EVER),
      tokens([0], 1, 9),
      tokens([0], 2, 4),
    ],
  ),
  on(
    "bucket: alone, given back",
    [bucket(PER_MS, 4)],
    [tokens([0], 4), tokens([0], 3, 0, EVER), untake([0], 3, 1), tokens([0], 1, 1, EVER), tokens([0], 1, 9, EVER), untake([0], 1, 9)],
  ),
  on("bucket: nothing comes, two threads", [bucket(0, 3)], [tokens([0], 1), tokens([0], 2)], [tokens([0], 2), tokens([0], 1)]),
  on(
    "bucket: nothing comes, given back",
    [bucket(0, 2)],
    [tokens([0], 2), untake([0], 2)],
    [tokens([0], 1), tokens([0], 1), untake([0], 1)],
  ),
  on(
    "bucket: clocks that were read earlier",
    [bucket(PER_MS, 2)],
    [tokens([0], 2, 5, EVER), tokens([0], 1, 6, EVER)],
    [tokens([0], 1, 3, EVER), tokens([0], 2, 9, 0)],
    [tokens([0], 1, 4, 2)],
  ),
  on(
    "bucket: from two or from none",
    [bucket(0, 3), bucket(0, 2)],
    [tokens([0, 1], 1), tokens([0, 1], 1)],
    [tokens([0, 1], 1), tokens([0, 1], 2)],
  ),
  on(
    "bucket: from two, given back",
    [bucket(0, 3), bucket(0, 2)],
    [tokens([0, 1], 2), untake([0, 1], 2)],
    [tokens([0, 1], 1), tokens([0, 1], 1)],
  ),
  on(
    "bucket: from three, at two rates",
    [bucket(PER_MS, 3), bucket(PER_MS / 2, 2), bucket(0, 4)],
    [tokens([0, 1, 2], 1, 0, EVER), tokens([0, 1, 2], 2, 1, EVER)],
    [tokens([0, 1, 2], 2, 2, EVER)],
  ),
  on(
    "bucket: from four, alone",
    [bucket(PER_MS, 3), bucket(PER_MS / 2, 2), bucket(PER_MS, 4), bucket(PER_MS / 4, 5)],
    [
      tokens(ALL, 2, 0, 0),
      tokens(ALL, 2, 1, EVER),
      untake(ALL, 2, 2),
      tokens(ALL, 3, 9, EVER),
      tokens([3], 3, 9, EVER),
      tokens(ALL, 1, 9, 1),
      tokens(ALL, 1, 40, 0),
      tokens([2], 4, 40, EVER),
      tokens(ALL, 1, 41, 2),
      tokens(ALL, 1, 41, EVER),
      untake(ALL, 1, 42),
    ],
  ),
  on("bucket: from four, given back, nobody after it", FOUR, [
    tokens(ALL, 4),
    tokens(ALL, 1, 0, EVER),
    tokens(ALL, 3, 0, EVER),
    untake(ALL, 3, 1),
    tokens(ALL, 2, 1, EVER),
  ]),
  on(
    "bucket: from four, given back, somebody after it",
    FOUR,
    [tokens(ALL, 4), tokens(ALL, 2, 0, EVER), untake(ALL, 2, 0), tokens(ALL, 1, 0, EVER)],
    [tokens(ALL, 1, 0, EVER)],
  ),
  on(
    "bucket: alone, set",
    [bucket(PER_MS, 3)],
    [
      told(L.BUCKET_LOOK, 7, 0, 3),
      got(3, 0, 0, 0),
      told(L.BUCKET_LOOK, 7, 1, 1),
      told(L.BUCKET_LOOK, 7, 0, 0), // looking has moved nothing on
      told(L.BUCKET_SET_RATE, PER_MS / 2, 2, 2),
      told(L.BUCKET_LOOK, 7, 1, 2),
      told(L.BUCKET_CLOSE_FULL, 7, 3, -1),
      got(3, 3, EVER, 4),
      told(L.BUCKET_SET_BURST, 2, 4, 0),
      told(L.BUCKET_LOOK, 7, 99, 2),
      got(3, 99, EVER, -1),
      told(L.BUCKET_SET_BURST, 1, 99, 1),
      told(L.BUCKET_SET_BURST, 5, 99, 1),
      told(L.BUCKET_SET_RATE, 0, 100, 1.5),
      got(2, 200, EVER, -1),
      got(1, 200, EVER, 200),
      told(L.BUCKET_SET_RATE, Number.POSITIVE_INFINITY, 200, 0.5),
      got(9, 200, 0, 200),
      untake([0], 9, 200),
      told(L.BUCKET_LOOK, 7, 200, 5),
      told(L.BUCKET_SET_RATE, PER_MS, 200, 5),
      got(5, 200, 0, 200),
      untake([0], 5, 200),
      told(L.BUCKET_SET_BURST, 1, 200, 1),
      told(L.BUCKET_CLOSE_FULL, 7, 200, 7),
      told(L.BUCKET_LOOK, 7, 200, -2),
    ],
  ),
  ...ALL.map((i) =>
    on(
      `bucket: from four, number ${i} is closed`,
      [bucket(0, 3), bucket(0, 3), bucket(0, 3), bucket(0, 3)],
      [tokens(ALL, 1), close(i), tokens(ALL, 1), ...ALL.map((one) => tokens([one], 2))],
    ),
  ),
  ...ALL.map((i) =>
    on(
      `bucket: from four, number ${i} beside`,
      [bucket(0, 3), bucket(0, 3), bucket(0, 3), bucket(0, 3)],
      [tokens(ALL, 2), untake(ALL, 2)],
      [tokens([i], 2), untake([i], 2)],
    ),
  ),
  on("bucket: closed beside", [bucket(0, 3), bucket(0, 3)], [tokens([0, 1], 1), untake([0, 1], 1)], [close(0)], [tokens([0, 1], 1)]),
  on(
    "bucket: set beside",
    [bucket(PER_MS, 3)],
    [tokens([0], 3, 0, EVER), tokens([0], 1, 4, EVER)],
    [set(0, L.BUCKET_SET_RATE, 0, 2), set(0, L.BUCKET_SET_BURST, 1, 3), set(0, L.BUCKET_LOOK, 0, 3)],
  ),
  on(
    "bucket: closed when it is full",
    [bucket(0, 1), bucket(0, 1)],
    [tokens([0], 1), tokens([1], 1)],
    [set(0, L.BUCKET_CLOSE_FULL, 0), close(0)],
  ),
  on("bucket: who waits ends by itself, or by close", [bucket(0, 1)], [tokens([0], 1), pause(0)], [pause(0), close(0)]),
];

const KEYS: ModelCase[] = [
  on(
    "keys: alone",
    [table, called, called],
    [key(1), key(1, 1), key(1, 2), key(2, 2, undefined, 1), drop(1), key(1), key(1, 1), close(0), key(1)],
  ),
  on(
    "keys: alone, alike but for one word",
    [table, called, called],
    [
      ...[0, 1, 10, 100, 1_000].flatMap((k) => [key(k), key(k, k % 2 ? 1 : 2)]),
      ...[0, 1, 10, 100, 1_000].map((k) => key(k)),
      ...[1, 10, 100, 1_000].map(drop),
      ...[0, 1, 10, 100, 1_000].map((k) => key(k)),
    ],
  ),
  on(
    "keys: alone, every place",
    [table, called, called],
    [
      ...EIGHT.map((k) => key(k, k % 2 ? 1 : 2)),
      ...EIGHT.map((k) => key(k)),
      key(8),
      key(8, 1),
      ...EIGHT.map(drop),
      ...EIGHT.map((k) => key(k)),
      key(8, 1), // those that are forgotten keep their places
      close(1),
      ...EIGHT.map((k) => key(k, 2)),
    ],
  ),
  on(
    "keys: alone, whose record is freed at every place",
    [table, called, called],
    [
      ...EIGHT.map((k) => key(k, 1)),
      close(1),
      ...EIGHT.map((k) => key(k)),
      ...EIGHT.map((k) => key(k, 2)),
      ...EIGHT.map((k) => key(k)),
      ...EIGHT.map(drop),
    ],
  ),
  on("keys: two offer for one key", [table, called, called], [key(1, 1), key(1)], [key(1, 2), key(1)]),
  on("keys: one is replaced", [table, called, called], [key(1, 1), drop(1)], [key(1, 2, 1), key(2, 1)]),
  on("keys: a record is freed beside", [table, called, called], [key(1, 1), close(1)], [key(1, 2, 1), key(1)]),
  on("keys: freed, made again, offered again", [table, called], [key(1, 1), close(1), make(1), key(1, 1)], [key(1), key(1)]),
  on("keys: the table is closed", [table, called], [key(1, 1), drop(1)], [close(0)], [key(1)]),
];

const BLOCKS: ModelCase[] = [
  on("kept: alone", [called], [keep(0, true), keep(0), close(0), keep(0)]),
  on("kept: two at once", [called], [keep(0)], [keep(0)], [close(0)]),
  on("kept: who leads, and who joins", [called], [lead(0), keep(0), give(0), close(0)], [join(0), give(0)], [join(0), give(0)]),
  on("kept: freed and made again", [called, called], [keep(0), close(0), make(1), keep(1)], [keep(0)]),
];

export const BUCKET_CASES: ModelCase[] = [...BUCKETS, ...KEYS, ...BLOCKS];
