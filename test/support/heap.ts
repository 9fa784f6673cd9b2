// Looking at a runtime's heap from outside, for tests that assert that nothing waits and nothing is held.

import type { Channel, Runtime } from "../../src/index.ts";
import * as L from "../../src/runtime/memory/layout.ts";

/** Nodes linked in a channel's two queues. */
export function waitersOf(channel: Channel<unknown>): { receivers: number; senders: number } {
  const { thread, address } = channel.ring;
  const { u32 } = thread.heap;
  const count = (head: number) => {
    let waiting = 0;
    for (let node = u32[(address + head) >> 2]!; node !== 0 && waiting < 100_000; node = u32[(node + L.NODE_NEXT) >> 2]!) waiting++;
    return waiting;
  };
  return { receivers: count(L.CHANNEL_RECV_HEAD), senders: count(L.CHANNEL_SEND_HEAD) };
}

/** Waits, a turn of the event loop at a time, until `isSo` holds; a watchdog fails after `ms`. */
export async function until(isSo: () => boolean, what: string, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`watchdog: ${what} did not come about within ${ms} ms`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Closes a runtime and answers what it left; for the end of each test. */
export async function leftovers(rt: Runtime) {
  const report = await rt.close();
  return {
    channels: report.leftovers.channels.length,
    waits: report.leftovers.waits,
    tasks: report.heap.tasks,
    blocks: report.heap.blocks,
  };
}

export const NOTHING = { channels: 0, waits: 0, tasks: 0, blocks: 0 };
