// Whether anything but the heap could still wake this thread: on a thread of a runtime that watches for deadlocks.
//
// Node itself knows: when nothing keeps a thread's event loop alive, no socket, no ref'd timer, no job in the thread pool, native ones included, it says so
// with 'beforeExit'. process.getActiveResourcesInfo() knows less: jobs of crypto, zlib and native modules are not in it.
// So the thread is kept alive by its parker alone, which lets go of it for a moment when the supervisor asks; the ports piscina holds it by are unref'd.

import { MessagePort } from "node:worker_threads";
import { FencedError } from "../../runtime/errors.ts";
import type { Thread } from "../../runtime/memory/thread.ts";

/** The port of the worker itself, and the one piscina hands it tasks by. */
const PORTS = 2;
const AGAIN_MS = 100;

/**
 * Prepares this thread, before any code of its tasks has run, to answer when it is asked. If it is held in a way that is not known, it does nothing: a
 * thread that never answers is never part of a deadlock report.
 */
export function answerWhenQuiet(thread: Thread): void {
  const ports = activeHandles().filter((handle) => handle instanceof MessagePort);
  const { duties, parker, notes } = thread;
  if (ports.length !== PORTS || duties === undefined) return;
  for (const port of ports) port.unref();
  duties.isNeeded = () => true;
  duties.onAsked = () => parker.letGo();
  parker.keep();
  process.on("beforeExit", () => {
    parker.keep();
    try {
      for (const op of thread.pending) thread.tellWhere(op);
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
      return; // killed meanwhile
    }
    if (thread.timers.size === 0) notes.isQuiet();
    else setTimeout(() => notes.isAsked && parker.letGo(), AGAIN_MS).unref(); // a timeout or a deadline of this thread comes first
  });
}

/** Not in Node's documentation, and the only way to the port piscina keeps to itself. */
function activeHandles(): unknown[] {
  const { _getActiveHandles } = process as unknown as { _getActiveHandles?: () => unknown[] };
  return typeof _getActiveHandles === "function" ? _getActiveHandles.call(process) : [];
}
