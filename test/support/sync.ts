// Looking at sync records from outside.

import type { Runtime } from "../../src/index.ts";
import * as L from "../../src/runtime/memory/layout.ts";
import type { Shared } from "../../src/runtime/operation/shared.ts";
import { until } from "./heap.ts";

/** Nodes that wait at a record. */
export function waitingAt({ place: { thread, address } }: Shared): number {
  const { u32 } = thread.heap;
  let waiting = 0;
  for (let node = u32[(address + L.SYNC_HEAD) >> 2]!; node !== 0 && waiting < 1_000; node = u32[(node + L.NODE_NEXT) >> 2]!) waiting++;
  return waiting;
}

/** Closes what is open, then the runtime; answers what was left. */
export async function closeAll(rt: Runtime, made: readonly Shared[]) {
  for (const one of made) {
    const { close } = one as Partial<{ close(): void }>;
    if (close) close.call(one);
  }
  const report = await rt.close({ graceMs: 2_000 });
  return { syncs: report.heap.syncs, waits: report.leftovers.waits, tasks: report.heap.tasks, channels: report.leftovers.channels.length };
}
/** Kills a thread that has said its id: the supervising thread may not have heard yet that it is ready. */
export async function kill(rt: Runtime, threadId: number): Promise<void> {
  await until(() => rt.kill(threadId), `thread ${threadId} is killed`);
}

export const NOTHING_LEFT = { syncs: 0, waits: 0, tasks: 0, channels: 0 };
