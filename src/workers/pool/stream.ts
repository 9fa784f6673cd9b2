// A stream: what an async generator on a pool's thread yields, with back-pressure through a channel.
//
//   next() the first time ─▶ the call, with the channel's sender ─▶ yields go through the channel ─▶ the generator ends, and the channel with it
//   return(), or the loop is left ─▶ the channel is closed and the call is aborted

import { Channel, closeOnce, structured } from "../../runtime/channel/index.ts";
import type { Thread } from "../../runtime/memory/thread.ts";

/** A call that can be given up. */
export interface StreamCall {
  readonly ended: Promise<unknown>;
  abandon(): void;
}

/** `start` starts the call with the sender its values are to go to. */
export async function* streamOf<T>(
  thread: Thread,
  ahead: number,
  start: (sender: unknown) => StreamCall,
): AsyncGenerator<T, void, undefined> {
  const channel = Channel.make(thread, structured<T>(), ahead);
  const call = start(channel.sender);
  const ended = call.ended.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  void ended.then(() => closeOnce(channel)); // whatever ended it: nothing more will come
  let isOver = false;
  try {
    for await (const value of channel.receiver) yield value as T;
    isOver = true;
    const failure = await ended;
    if (failure) throw failure.error;
  } finally {
    if (!isOver) call.abandon();
    channel[Symbol.dispose]();
  }
}
