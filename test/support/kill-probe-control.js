// The probe's control: the same kind of section (claim a lock, write two words that belong together, release) with a loop inside, as WebAssembly by hand.
// V8 polls for interrupts at loop headers, so kills must find it held or torn. If they never do, the kills have no power and the probe proves nothing.
// The same section with the loop replaced by memory.copy is the counter-control: it must never be seen so.

import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { random } from "./kill-probe-load.js";

const I32 = 0x7f;
const leb = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...leb(n >>> 7)]);
const vec = (items) => [...leb(items.length), ...items.flat()];
const section = (id, body) => [id, ...leb(body.length), ...body];
const text = (s) => [...leb(s.length), ...Buffer.from(s)];
const signed = (n) => (n < 64 ? [n] : [(n & 127) | 128, ...signed(n >> 7)]);
const constant = (n) => [0x41, ...signed(n)];
const get = (local) => [0x20, local];
const store = (offset) => [0x36, 2, ...leb(offset)];
const load = (offset) => [0x28, 2, ...leb(offset)];

const LOCK = 0;
const FIRST = 4;
const SECOND = 8;
const LINE = 1_024;
const ROUNDS = 400;

/** section(base): lock, FIRST++, work, SECOND++, unlock. Answers 0, or 1 when the lock was held. */
export function controlModule(withLoop) {
  const bump = (offset) => [...get(0), ...get(0), ...load(offset), ...constant(1), 0x6a, ...store(offset)];
  const loop = [
    ...constant(0),
    0x21,
    1, // i = 0
    0x03,
    0x40, // loop
    ...get(0),
    ...get(1),
    ...store(16), // a word of scratch = i
    ...get(1),
    ...constant(1),
    0x6a,
    0x22,
    1, // i += 1
    ...constant(ROUNDS),
    0x48,
    0x0d,
    0, // again while i < ROUNDS
    0x0b,
  ];
  const copy = [...get(0), ...constant(64), 0x6a, ...get(0), ...constant(512), 0x6a, ...constant(400), 0xfc, 0x0a, 0, 0];
  const body = [
    ...vec([[1, I32]]), // one local: i
    ...get(0),
    ...constant(0),
    ...constant(1),
    ...[0xfe, 0x48, 2, ...leb(LOCK)], // i32.atomic.rmw.cmpxchg
    0x04,
    0x40,
    ...constant(1),
    0x0f,
    0x0b, // held: answer 1
    ...bump(FIRST),
    ...(withLoop ? loop : copy),
    ...bump(SECOND),
    ...get(0),
    ...constant(0),
    ...[0xfe, 0x17, 2, ...leb(LOCK)], // i32.atomic.store
    ...constant(0),
    0x0b,
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vec([[0x60, ...vec([[I32]]), ...vec([[I32]])]])),
    ...section(2, vec([[...text("env"), ...text("memory"), 2, 3, 1, 1]])),
    ...section(3, vec([[0]])),
    ...section(7, vec([[...text("section"), 0, 0]])),
    ...section(10, vec([[...leb(body.length), ...body]])),
  ]);
}

/** Kills threads in the middle of the section; answers how often the record was left held or torn. */
export async function runControl({ kills, seed, withLoop }) {
  const rand = random(seed);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const i32 = new Int32Array(memory.buffer);
  const out = { withLoop, kills: 0, held: 0, torn: 0, sections: 0 };
  while (out.kills < kills) {
    const lines = Array.from({ length: Math.min(4, kills - out.kills) }, (_, i) => i * LINE);
    const threads = lines.map((base) => {
      i32.fill(0, base >> 2, (base + LINE) >> 2);
      return new Worker(new URL(import.meta.url), { workerData: { control: { memory, base, withLoop } } });
    });
    await Promise.all(threads.map((thread) => once(thread, "message")));
    for (const [i, thread] of threads.entries()) {
      await new Promise((resolve) => setTimeout(resolve, Math.floor(rand() * 4)));
      await thread.terminate();
      const at = lines[i] >> 2;
      out.kills++;
      out.sections += i32[at + (FIRST >> 2)];
      if (i32[at + (LOCK >> 2)] !== 0) out.held++;
      if (i32[at + (FIRST >> 2)] !== i32[at + (SECOND >> 2)]) out.torn++;
    }
  }
  return out;
}

if (!isMainThread && workerData?.control) {
  const { memory, base, withLoop } = workerData.control;
  const { section: enter } = new WebAssembly.Instance(new WebAssembly.Module(controlModule(withLoop)), { env: { memory } }).exports;
  parentPort.postMessage("ready");
  while (enter(base) === 0);
}
