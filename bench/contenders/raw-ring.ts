/**
 * Raw ring: the least a JavaScript ring between two threads can be, as context. One sender, one receiver, indices by Atomics, spinning, nobody wakes
 * anybody, nothing survives a death. Batched: each side publishes its index and looks at the other's once in 64 values.
 */
import type { Contender, Sample } from "../harness/scenario.ts";
import { sibling } from "../lab/bare/sibling.ts";
import { nowNs, spun } from "./clock.ts";
import { Hired } from "./hired.ts";
import { Ledger, together } from "./numbers.ts";

const SEND_INDEX = 0;
const RECV_INDEX = 32; // another line of 128 bytes
const VALUES_AT_BYTES = 256;

function views(shared: SharedArrayBuffer): { words: Int32Array; values: Float64Array; mask: number } {
  const values = new Float64Array(shared, VALUES_AT_BYTES);
  return { words: new Int32Array(shared, 0, VALUES_AT_BYTES / 4), values, mask: values.length - 1 };
}

export function send(shared: SharedArrayBuffer, count: number, batch: number): number {
  const { words, values, mask } = views(shared);
  const begun = nowNs();
  for (let i = 0; i < count; ) {
    const end = Math.min(i + batch, count);
    for (let polls = 0; end - Atomics.load(words, RECV_INDEX) > mask + 1; polls++) spun(polls); // observes the slots that are free again
    for (; i < end; i++) values[i & mask] = i;
    Atomics.store(words, SEND_INDEX, i); // publishes the values
  }
  return begun;
}

interface Reception {
  readonly ended: number;
  readonly ledger: Ledger;
  readonly by: string;
}

export function receive(shared: SharedArrayBuffer, count: number, batch: number): Reception {
  const { words, values, mask } = views(shared);
  const ledger = new Ledger(1);
  for (let i = 0; i < count; ) {
    const end = Math.min(i + batch, count);
    for (let polls = 0; Atomics.load(words, SEND_INDEX) < end; polls++) spun(polls); // observes the values
    for (; i < end; i++) ledger.add(values[i & mask]!);
    Atomics.store(words, RECV_INDEX, i); // frees the slots
  }
  return { ended: nowNs(), ledger, by: `raw ring, ${batch === 1 ? "one at a time" : `by ${batch}`}` };
}

const HERE = sibling("raw-ring", import.meta.url);

export function rawRing(name: string, capacity: number, total: number, batch: number): Contender {
  let sender: Hired;
  let receiver: Hired;
  return {
    name,
    family: "raw",
    async open() {
      [sender, receiver] = await Promise.all([Hired.start(HERE), Hired.start(HERE)]);
    },
    async run(): Promise<Sample> {
      const shared = new SharedArrayBuffer(VALUES_AT_BYTES + capacity * 8);
      const receiving = receiver.call("receive", [shared, total, batch]) as Promise<Reception>;
      const begun = (await sender.call("send", [shared, total, batch])) as number;
      const { ended, ledger, by } = await receiving;
      return { value: (ended - begun) / total, seen: together([ledger]), by };
    },
    async close() {
      await Promise.all([sender.stop(), receiver.stop()]);
    },
  };
}
