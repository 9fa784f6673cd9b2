// An inspection as text to read: threads first, what each waits for and runs; then what they share.

import type {
  Inspected,
  InspectedChannel,
  InspectedLeasedQueue,
  InspectedSync,
  InspectedTask,
  InspectedThread,
  InspectedWait,
} from "./inspected.ts";

export function inspectionText({ at, runtime, threads, queues, channels, syncs, leasedQueues, heap }: Inspected): string {
  const lines = [`runtime ${runtime} at ${new Date(at).toISOString()}`];
  for (const thread of threads) lines.push(...threadLines(thread, at));
  for (const { of, length } of queues) if (length > 0) lines.push(`queue of ${of} tasks: ${length} not started`);
  for (const channel of channels) lines.push(channelLine(channel));
  for (const sync of syncs) lines.push(syncLine(sync));
  for (const queue of leasedQueues) lines.push(leasedLine(queue));
  lines.push(`heap: ${heap.usedBytes} bytes in use of ${heap.ceilingBytes}`);
  return lines.join("\n");
}

function threadLines({ threadId, serves, state, since, waits, tasks, tasksEnded }: InspectedThread, at: number): string[] {
  const role = serves === "nobody" ? "supervising" : serves;
  return [
    `thread ${threadId} (${role}): ${state}${since === undefined ? "" : ` for ${seconds(at - since)}`}, ${tasksEnded} tasks ended`,
    ...tasks.map((task) => `  ${taskText(task, at)}`),
    ...waits.flatMap((wait) => waitLines(wait, at).map((line) => `  ${line}`)),
  ];
}

function taskText({ name, since }: InspectedTask, at: number): string {
  return `runs ${name || "a task"}${since ? ` for ${seconds(at - since)}` : ""}`;
}

/** What it waits for, and below that the stack of the call. */
export function waitLines({ on, isBlocking, mayEndByItself, since, where }: InspectedWait, at: number): string[] {
  const what = `${isBlocking ? "is blocked to" : "waits to"} ${on.join(" or to ") || "go on"}`;
  const duration = since > 0 ? ` for ${seconds(at - since)}` : "";
  return [`${what}${duration}${mayEndByItself ? " (may end by itself)" : ""}`, ...(where?.split("\n") ?? []).map((line) => `    ${line}`)];
}

export function channelLine({ number, name, capacity, length, isClosed, madeBy, receivers, senders }: InspectedChannel): string {
  return [
    `channel ${number}${quoted(name)}: ${length} of ${capacity}${isClosed ? ", closed" : ""}, made by thread ${madeBy}`,
    ...(receivers.length > 0 ? [`receivers wait on ${threadsText(receivers)}`] : []),
    ...(senders.length > 0 ? [`senders wait on ${threadsText(senders)}`] : []),
  ].join("; ");
}

export function syncLine({ kind, number, name, taken, isClosed, isAbandoned, madeBy, holders, waiters }: InspectedSync): string {
  return [
    `${kind} ${number}${quoted(name)}: ${taken} taken${isAbandoned ? ", abandoned" : ""}${isClosed ? ", closed" : ""}, made by thread ${madeBy}`,
    ...(holders.length > 0 ? [`held by ${threadsText(holders)}`] : []),
    ...(waiters.length > 0 ? [`waited for by ${threadsText(waiters)}`] : []),
  ].join("; ");
}

export function leasedLine(queue: InspectedLeasedQueue): string {
  const { number, name, capacity, queued, holders, deadLetters, isClosed, madeBy, takers, senders } = queue;
  const letters = deadLetters === undefined ? "" : `, dead letters in ${deadLetters}`;
  return [
    `leased queue ${number}${quoted(name)}: ${queued} of ${capacity} queued, ${holders.length} leased${letters}${isClosed ? ", closed" : ""}, made by thread ${madeBy}`,
    ...(holders.length > 0 ? [`held by ${threadsText(holders)}`] : []),
    ...(takers.length > 0 ? [`takers wait on ${threadsText(takers)}`] : []),
    ...(senders.length > 0 ? [`senders wait on ${threadsText(senders)}`] : []),
  ].join("; ");
}

/** "thread 3", "threads 3 (twice), 5": a thousand waits of one thread are one word. */
function threadsText(ids: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  const parts = [...counts].map(([id, count]) => (count === 1 ? `${id}` : `${id} (${count} times)`));
  return `thread${parts.length === 1 ? "" : "s"} ${parts.join(", ")}`;
}

function quoted(name: string | undefined): string {
  return name === undefined ? "" : ` ${JSON.stringify(name)}`;
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.max(0, Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
