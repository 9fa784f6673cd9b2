// A task of an error group, on the thread that runs it.

import { CLOSED, type Receiver } from "../runtime/channel/index.ts";
import { AbortError } from "../runtime/errors.ts";
import { loadFunction } from "./load-function.ts";

/** `stop` is closed when the group is cancelled. Throws: what the function throws; AbortError if it had not begun by then. */
export async function runInGroup(url: string, name: string, args: readonly unknown[], stop: Receiver<never>): Promise<unknown> {
  const fn = await loadFunction(url, name);
  if (stop.tryRecv() === CLOSED) throw new AbortError("the group was cancelled before this task began");
  const cancel = new AbortController();
  const ended = new AbortController();
  const onStop = () => cancel.abort();
  if (fn.length > args.length) void stop.recv({ signal: ended.signal }).then(onStop, onStop);
  try {
    return await fn(...args, { signal: cancel.signal });
  } finally {
    ended.abort();
  }
}
