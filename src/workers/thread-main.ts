// A thread's life: take its place in the heap, serve its queue from the event loop, until it is terminated.

import { threadId } from "node:worker_threads";
import { Wire } from "../runtime/channel/index.ts";
import { SharedHeap } from "../runtime/memory/heap.ts";
import * as L from "../runtime/memory/layout.ts";
import { Thread } from "../runtime/memory/thread.ts";
import { importModule, importWithin, setUp } from "./import-module.ts";
import { REPORT_FAILURE, REPORT_KILL, sendReport } from "./reports.ts";
import { Runner } from "./runner.ts";
import { Runtime } from "./runtime.ts";
import { answerWhenQuiet } from "./seeing/quiet.ts";
import { Starter } from "./starter.ts";
import type { ThreadOrder } from "./thread-order.ts";
import { speak } from "./voice.ts";
import { selfWatch } from "./watchdog.ts";

/** Called once by the bootstrap; resolves when it is ready for tasks, or with the error (encoded) for which it never will be. */
export async function start(order: ThreadOrder): Promise<Uint8Array | undefined> {
  speak();
  const heap = new SharedHeap(order.memory);
  heap.i32[(order.slot + L.SLOT_THREAD) >> 2] = threadId;
  const thread = new Thread(heap, order.slot, order.epoch);
  const wire = Wire.of(thread);
  const starter = new Starter(
    thread,
    wire,
    true,
    (error) => sendReport(thread, REPORT_FAILURE, wire.encodeError(error)),
    (...task) => sendReport(thread, REPORT_KILL, wire.encode("a report", task)),
  );
  const runtime = Runtime.onThread(thread, starter);
  const runner = new Runner(thread, wire, {
    queue: order.queue,
    limit: order.limit,
    waits: true,
    importModule: (url) => importWithin(url, order.startMs),
    enter: () => runtime.enter(),
  });
  const watch = selfWatch(order.threadHeapBytes);
  thread.duties = {
    onTaskDone: (record) => starter.onTaskDone(record),
    onIdle: () => {
      watch?.();
      return runner.onIdle();
    },
    onBusy: () => runner.onBusy(),
    isNeeded: () => false, // the supervising thread keeps the process alive while there are tasks
  };
  if (thread.notes.isWatched) answerWhenQuiet(thread);
  try {
    if (order.init) await importModule(order.init);
    if (order.setUp) await setUp(order.setUp, wire);
  } catch (error) {
    return wire.encodeError(error).slice();
  }
  thread.parker.arm();
  return undefined;
}
