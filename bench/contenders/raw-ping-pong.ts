/**
 * Raw ping-pong: one number there and back between two bare Workers, by Atomics.wait and notify or by spinning: what a wake costs on this machine.
 */
import type { Contender, Sample } from "../harness/scenario.ts";
import { sibling } from "../lab/bare/sibling.ts";
import { nowNs, spun } from "./clock.ts";
import { Hired } from "./hired.ts";

const PING = 0;
const PONG = 32; // another line of 128 bytes
const BYTES = 256;

export type Manner = "wait" | "spin";
const NAMES: Readonly<Record<Manner, string>> = { wait: "wait-notify", spin: "spinning" };

interface Trips {
  readonly ns: number;
  readonly count: number;
  readonly sum: number;
  readonly by: string;
}

/** Takes the next value, which is not `old`. */
function take(words: Int32Array, at: number, old: number, manner: Manner): number {
  for (let polls = 0; ; polls++) {
    const value = Atomics.load(words, at);
    if (value !== old) return value;
    if (manner === "wait") Atomics.wait(words, at, old);
    else spun(polls);
  }
}

function put(words: Int32Array, at: number, value: number, manner: Manner): void {
  Atomics.store(words, at, value);
  if (manner === "wait") Atomics.notify(words, at, 1);
}

export function echo(shared: SharedArrayBuffer, count: number, manner: Manner): void {
  const words = new Int32Array(shared);
  for (let i = 0, last = 0; i < count; i++) {
    last = take(words, PING, last, manner);
    put(words, PONG, last + 1, manner);
  }
}

/** The nanoseconds of a trip (with restMs the median one, each after a rest), what was seen, and who. */
export function trips(shared: SharedArrayBuffer, count: number, manner: Manner, restMs: number): Trips {
  const words = new Int32Array(shared);
  const nap = new Int32Array(new SharedArrayBuffer(4));
  const each = new Float64Array(restMs > 0 ? count : 0);
  let sum = 0;
  let last = 0;
  const begun = nowNs();
  for (let i = 0; i < count; i++) {
    if (restMs > 0) Atomics.wait(nap, 0, 0, restMs);
    const from = restMs > 0 ? nowNs() : 0;
    put(words, PING, i + 1, manner); // value i, told from "nothing yet" by one
    last = take(words, PONG, last, manner);
    if (restMs > 0) each[i] = nowNs() - from;
    sum += last - 1; // value i came back as i + 1
  }
  const ns = restMs > 0 ? each.sort()[count >> 1]! : (nowNs() - begun) / count;
  return { ns, count, sum, by: NAMES[manner] };
}

const WARM_UP_TRIPS = 5_000;
const HERE = sibling("raw-ping-pong", import.meta.url);

export function rawPingPong(manner: Manner, count: number, restMs: number): Contender {
  let near: Hired;
  let far: Hired;
  const round = async (trips: number, rest: number) => {
    const shared = new SharedArrayBuffer(BYTES);
    const echoing = far.call("echo", [shared, trips, manner]);
    const made = await near.call("trips", [shared, trips, manner, rest]);
    await echoing;
    return made as Trips;
  };
  return {
    name: NAMES[manner],
    family: "raw",
    async open() {
      [near, far] = await Promise.all([Hired.start(HERE), Hired.start(HERE)]);
      await round(WARM_UP_TRIPS, 0); // trips with rests are too few for their code to be compiled
    },
    async run(): Promise<Sample> {
      const { ns, by, ...seen } = await round(count, restMs);
      return { value: ns / 1_000, seen: { ...seen, disorder: 0 }, by };
    },
    async close() {
      await Promise.all([near.stop(), far.stop()]);
    },
  };
}
