// For tests: nothing may be left.

import { HeddleError } from "../../runtime/errors.ts";
import type { Runtime } from "../runtime.ts";
import { channelLine, leasedLine, syncLine, waitLines } from "./inspection-text.ts";

/**
 * Throws ERR_LEFTOVERS, naming them all, if channels, locks and the like, leased queues, tasks, waits or timeouts of this thread are left in the runtime.
 * For the end of a test, before rt.close(). Waits: never. Threads: any.
 */
export function assertNoLeftovers(rt: Runtime): void {
  const { at, threads, channels, syncs, leasedQueues, queuedTasks } = rt.inspect();
  const left = [
    ...threads.flatMap(({ threadId, tasks }) => tasks.map(({ name }) => `thread ${threadId} still runs ${name || "a task"}`)),
    ...(queuedTasks > 0 ? [`tasks not started: ${queuedTasks}`] : []),
    ...threads.flatMap(({ threadId, waits }) => waits.map((wait) => `thread ${threadId} ${waitLines(wait, at)[0]}`)),
    ...channels.map(channelLine),
    ...syncs.map(syncLine),
    ...leasedQueues.map(leasedLine),
    ...(rt.leftovers().timers > 0 ? [`timeouts and deadlines of this thread: ${rt.leftovers().timers}`] : []),
  ];
  if (left.length === 0) return;
  throw new HeddleError(
    "ERR_LEFTOVERS",
    `expected nothing to be left in the runtime, and there is:\n${left.map((line) => `  ${line}`).join("\n")}`,
  );
}
