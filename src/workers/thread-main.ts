// A thread's life: take its place in the heap, serve its queue from the event loop, until it is terminated.

import { threadId } from "node:worker_threads";
import { Wire } from "../runtime/channel/index.ts";
import { SharedHeap } from "../runtime/memory/heap.ts";
import * as L from "../runtime/memory/layout.ts";
import { Thread } from "../runtime/memory/thread.ts";
import { importModule, setUp } from "./import-module.ts";
import { sendReport } from "./reports.ts";
import { Runner } from "./runner.ts";
import { Runtime } from "./runtime.ts";
import { answerWhenQuiet } from "./seeing/quiet.ts";
import { Starter } from "./starter.ts";
import type { ThreadOrder } from "./thread-order.ts";

/** Called once by the bootstrap; resolves with this thread's id when it is ready for tasks. */
export async function start(order: ThreadOrder): Promise<number> {
  const heap = new SharedHeap(order.memory);
  heap.i32[(order.slot + L.SLOT_THREAD) >> 2] = threadId;
  const thread = new Thread(heap, order.slot, order.epoch);
  const wire = Wire.of(thread);
  const starter = new Starter(thread, wire, true, (error) => sendReport(thread, wire.encodeError(error)));
  const runtime = Runtime.onThread(thread, starter);
  const runner = new Runner(thread, wire, {
    queue: order.queue,
    limit: order.limit,
    waits: true,
    importModule,
    enter: () => runtime.enter(),
  });
  thread.duties = {
    onTaskDone: (record) => starter.onTaskDone(record),
    onIdle: () => runner.onIdle(),
    onBusy: () => runner.onBusy(),
    isNeeded: () => false, // the supervising thread keeps the process alive while there are tasks
  };
  if (thread.notes.isWatched) answerWhenQuiet(thread);
  if (order.setUp) await setUp(order.setUp, wire);
  thread.parker.arm();
  return threadId;
}
