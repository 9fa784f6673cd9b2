// Check: a thread that is killed leaves shared memory whole. Threads that do nothing but call transitions are terminated at random moments; after each
// exit nothing may be locked, and the values moved last must be all there or not at all. The control is a function with a loop in it, in which V8 does
// stop threads: if it is never found half done, the kills had no power and prove nothing.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { TRANSITIONS_BASE64 } from "../runtime/memory/generated/transitions.ts";
import { blockPayload, SharedHeap, type WasmMemory } from "../runtime/memory/heap.ts";
import * as L from "../runtime/memory/layout.ts";
import { Thread } from "../runtime/memory/thread.ts";
import type { Finding } from "./finding.ts";

const AT_ONCE = 4;
const CONTROL_SHARE = 4;
const HEAP_BYTES = 8 * 2 ** 20;
const MOST_DELAY_MS = 4;
/** Values moved by one call: copying them takes long enough that nearly all kills fall into a transition. */
const VALUES = 1_000;
const VALUE_BYTES = 8;

/**
 * section(base): answers 1 if the word there is not 0; else sets it to 1, adds 1 to the second word, turns 400 times in a loop, adds 1 to the third and
 * sets the first to 0.
 */
const CONTROL_BASE64 =
  "AGFzbQEAAAABBgFgAX8BfwIQAQNlbnYGbWVtb3J5AgMBAQMCAQAHCwEHc2VjdGlvbgAAClUBUwEBfyAAQQBBAf5IAgAEQEEBDwsgACAAKAIEQQFqNgIEQQAhAQNAIAAgATYCECABQQFqIgFBkANIDQALIAAgACgCCEEBajYCCCAAQQD+FwIAQQAL";
const CONTROL_LINE = 1_024;

/** A thread that calls two functions in turns for ever. */
const CALLER = `
const { workerData: { base64, memory, calls }, parentPort } = require("node:worker_threads");
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(base64, "base64")), { env: { memory } });
const [[first, firstArgs], [second, secondArgs]] = calls.map(([name, ...args]) => [exports[name], args]);
parentPort.postMessage("ready");
for (;;) {
  first(...firstArgs);
  second(...secondArgs);
}`;

type Calls = [name: string, ...args: number[]][];
type State = "whole" | "held" | "torn";

/** Where one thread at a time is killed. */
interface Place {
  readonly calls: Calls;
  state(): State;
}

export interface Killed {
  readonly kills: number;
  readonly held: number;
  readonly torn: number;
}

export async function checkKills(kills = 200): Promise<Finding> {
  const killed = await killTransitions(kills);
  const control = await killControl(Math.ceil(kills / CONTROL_SHARE));
  const { held, torn } = killed;
  const finding = {
    name: "kills",
    seen: `${kills} threads killed inside transitions: ${held} left a lock, ${torn} tore something (control: ${control.torn} of ${control.kills} torn)`,
    facts: { kills, held, torn, controlKills: control.kills, controlTorn: control.torn },
  };
  if (held + torn > 0) {
    return {
      ...finding,
      verdict: "fail",
      means: "On this engine a dying thread can leave shared memory broken: others may hang or read rubbish.",
      todo: "Do not kill threads here (timeouts, aborts, close with a grace), or use another Node.",
    };
  }
  if (control.torn === 0) {
    return {
      ...finding,
      verdict: "warn",
      means: "The kills never hit the control either: they prove nothing.",
      todo: "Run it again on a machine that is less busy.",
    };
  }
  return { ...finding, verdict: "ok", means: "A thread may die at any moment: what it shared stays whole." };
}

/** Kills threads that send and receive in bulk, each on a channel of its own. */
export function killTransitions(kills: number): Promise<Killed> {
  const heap = SharedHeap.create(HEAP_BYTES, 1);
  const places = Array.from({ length: AT_ONCE }, (_, i) => channelPlace(heap, L.SLOTS_AT + (i + 1) * L.SLOT_SIZE));
  return killAll(kills, places, TRANSITIONS_BASE64, heap.memory);
}

/** Kills threads in the function that has a loop. */
export function killControl(kills: number): Promise<Killed> {
  const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: new (limits: object) => WasmMemory } }).WebAssembly;
  const memory = new Memory({ initial: 1, maximum: 1, shared: true });
  const places = Array.from({ length: AT_ONCE }, (_, i) => sectionPlace(new Int32Array(memory.buffer, i * CONTROL_LINE, 3)));
  return killAll(kills, places, CONTROL_BASE64, memory);
}

function channelPlace(heap: SharedHeap, slot: number): Place {
  const { fn, i32 } = heap;
  const epoch = Thread.open(heap, slot);
  const made = (status: number) => {
    if (status !== L.OK) throw new Error(`expected room in a heap of ${HEAP_BYTES} bytes, and a transition answered ${status}`);
    return heap.u32[(slot + L.SLOT_RESULT) >> 2]!;
  };
  const [source, target] = [0, 0].map(() => blockPayload(made(fn.blockAlloc(slot, epoch, VALUES * VALUE_BYTES)))) as [number, number];
  const channel = made(fn.chanMake(slot, epoch, VALUES, 0, VALUE_BYTES));
  const gen = heap.i32[(channel + L.CHANNEL_GEN) >> 2]!;
  const values = (at: number) => new Float64Array(heap.memory.buffer, at, VALUES);
  values(source).forEach((_, i, all) => {
    all[i] = i + 1;
  });
  const word = (offset: number) => Atomics.load(i32, (channel + offset) >> 2);
  return {
    calls: [
      ["trySendMany", channel, gen, slot, epoch, source, VALUES],
      ["tryRecvMany", channel, gen, slot, epoch, target, VALUES],
    ],
    state() {
      const [send, recv] = [word(L.CHANNEL_SEND_WORD), word(L.CHANNEL_RECV_WORD)];
      if ((send | recv) & 1) return "held";
      const length = ((send - recv) | 0) >> 1;
      if (length === 0) return "whole";
      values(target).fill(0);
      const status = fn.tryRecvMany(channel, gen, slot, epoch, target, VALUES);
      return length === VALUES && status === L.OK && values(target).every((value, i) => value === i + 1) ? "whole" : "torn";
    },
  };
}

function sectionPlace(words: Int32Array): Place {
  const call: Calls[number] = ["section", words.byteOffset];
  return {
    calls: [call, call],
    state() {
      const [lock, first, second] = words;
      words.fill(0);
      return first !== second ? "torn" : lock !== 0 ? "held" : "whole";
    },
  };
}

async function killAll(kills: number, places: readonly Place[], base64: string, memory: WasmMemory): Promise<Killed> {
  const found = { whole: 0, held: 0, torn: 0 };
  let left = kills;
  const killAt = async (place: Place) => {
    while (left-- > 0) {
      await kill(place.calls, base64, memory);
      const state = place.state();
      found[state]++;
      if (state === "held") return; // nothing can be done there any more
    }
  };
  await Promise.all(places.map(killAt));
  return { kills: found.whole + found.held + found.torn, held: found.held, torn: found.torn };
}

async function kill(calls: Calls, base64: string, memory: WasmMemory): Promise<void> {
  const worker = new Worker(CALLER, { eval: true, execArgv: ["--no-warnings"], workerData: { base64, memory, calls } });
  await once(worker, "message");
  await new Promise((resolve) => setTimeout(resolve, Math.random() * MOST_DELAY_MS));
  await worker.terminate();
}
