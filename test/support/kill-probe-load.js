// What the kill probe stands on: the layout's numbers and the very bytes that ship, read from the sources as text, so that the probe runs on any Node
// without a build step. Plain JavaScript on purpose: a worker's entry cannot be TypeScript on Node 20.

import { readdirSync, readFileSync } from "node:fs";

const memoryFolder = new URL("../../src/runtime/memory/", import.meta.url);

/** The constants of layout.ts, by name. */
export function readLayout() {
  const layout = {};
  for (const file of readdirSync(memoryFolder).filter((name) => /^layout(-[a-z]+)?\.ts$/.test(name))) {
    const text = readFileSync(new URL(file, memoryFolder), "utf8");
    for (const [, name, value] of text.matchAll(/^export const ([A-Z0-9_]+) = (-?\d+);/gm)) layout[name] = Number(value);
  }
  if (!layout.SLOT_COUNT) throw new Error("layout.ts: expected lines like `export const NAME = 1;` and found none");
  return layout;
}

/** The compiled transitions. */
export function readTransitions() {
  const text = readFileSync(new URL("generated/transitions.ts", memoryFolder), "utf8");
  const found = /"([A-Za-z0-9+/=]+)"/.exec(text);
  if (!found) throw new Error("generated/transitions.ts: expected the bytes as base64; run scripts/build-transitions.js");
  return Buffer.from(found[1], "base64");
}

/**
 * The same module with a custom section that makes its bytes unique. Threads share compiled code of equal modules; a unique one starts cold
 * (uncompiled, then the baseline tier) whatever the process has run before.
 */
export function uniqueModule(bytes, nonce) {
  const name = Buffer.from(`cold-${nonce}`);
  return Buffer.concat([bytes, Buffer.from([0, name.length + 1, name.length]), name]);
}

/** Addresses of everything with a fixed place. */
export function addresses(L) {
  return {
    slot: (index) => L.SLOTS_AT + index * L.SLOT_SIZE,
    home: (index) => L.CLASSES_AT + index * L.CLASS_SIZE,
    queues: [L.QUEUE_LIGHT_AT, L.QUEUE_DEDICATED_AT, L.QUEUE_REPORTS_AT],
  };
}

/** Bytes of a block class, header included. */
export function blockClassBytes(index) {
  return index & 1 ? 32 * 2 ** (index >> 1) : 24 * 2 ** (index >> 1);
}

/** Every record of a kind that was ever used, free ones included. */
export function* records(u32, L, kind, size) {
  const home = (L.CLASSES_AT + kind * L.CLASS_SIZE) >> 2;
  const newest = u32[home + (L.CLASS_CHUNKS >> 2)];
  for (let chunk = newest; chunk !== 0; chunk = u32[(chunk + L.CHUNK_NEXT) >> 2]) {
    const end = chunk === newest ? u32[home + (L.CLASS_NEXT >> 2)] : chunk + L.LINE + size * L.CHUNK_RECORDS;
    for (let record = chunk + L.LINE; record < end; record += size) yield record;
  }
}

/** A small seeded generator of numbers in [0, 1). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A command line of `--name value` pairs; numbers become numbers. */
export function options(argv, defaults) {
  const out = { ...defaults };
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i].replace(/^--/, "");
    if (!(name in defaults) || argv[i + 1] === undefined) throw new Error(`unknown or incomplete option ${argv[i]}`);
    out[name] = typeof defaults[name] === "number" ? Number(argv[i + 1]) : argv[i + 1];
  }
  return out;
}
