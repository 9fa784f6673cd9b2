// A million channels made, used, closed and dropped: the heap is back where it began, and no more of it was ever touched than a few need.

import { f64, type HeapUse, Runtime } from "../../src/index.ts";

export interface ChurnResult {
  /** Made between `before` and `after`, as counted there. */
  channels: number;
  /** The class of the last of them. */
  kind: string;
  before: HeapUse;
  after: HeapUse;
  ms: number;
  faults: string[];
}

/** Makes, uses, closes and drops `channels` channels, of capacities 0 to 64, on one thread; `open` of them at a time. */
export async function churn(channels: number, open = 100): Promise<ChurnResult> {
  const rt = await Runtime.start({ threads: 0 });
  const started = performance.now();
  const faults: string[] = [];
  let count = 0;
  let kind = "";
  const round = (from: number) => {
    const made = Array.from({ length: open }, (_, i) => rt.channel(f64, (from + i) % 65));
    for (const [i, ch] of made.entries()) {
      const received = ch.capacity === 0 ? undefined : ch.trySend(from + i);
      if (received === false) faults.push(`channel ${from + i}: its first value was refused`);
      if (received && ch.tryRecv() !== from + i) faults.push(`channel ${from + i}: its value was lost`);
      ch.close();
      kind = ch.constructor.name;
    }
    count += made.length;
  };
  for (let from = 0; from < 65 * open; from += open) round(from); // every capacity once: the heap's shape is settled
  const before = rt.heapUse();
  count = 0;
  for (let from = 0; from < channels; from += open) round(from);
  const after = rt.heapUse();
  if (after.usedBytes !== before.usedBytes) faults.push(`${after.usedBytes - before.usedBytes} bytes still in use`);
  if (after.touchedBytes !== before.touchedBytes) faults.push(`${after.touchedBytes - before.touchedBytes} more bytes touched`);
  await rt.close();
  return { channels: count, kind, before, after, ms: performance.now() - started, faults };
}
