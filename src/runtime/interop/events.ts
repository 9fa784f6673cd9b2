// Events into a channel. An emitter cannot be held back: what finds no room is dropped, and counted.

import type { EventEmitter } from "node:events";
import { EMPTY, type Receiver, type Sender } from "../channel/index.ts";
import { ChannelClosedError, invalidArg } from "../errors.ts";

/** Options of eventsTo(). */
export interface EventsOptions<T> {
  /** What of a full channel's values is given up for a new one: the new one (default), or the oldest, which needs the receiving end. */
  dropOldest?: Receiver<T>;
}

/** A running subscription. */
export interface Subscription {
  /** Events that found no room. */
  readonly dropped: number;
  /** Listens no more; the second call does nothing. The channel stays open. */
  stop(): void;
  [Symbol.dispose](): void;
}

/**
 * Sends the first argument of every event of a name into a channel, until it is stopped or the channel is closed.
 * Waits: never. Threads: the emitter's. Order: the emitter's.
 * Throws: ERR_INVALID_ARG. What the codec refuses is thrown in the listener, as the emitter treats it.
 */
export function eventsTo<T>(out: Sender<T>, emitter: EventEmitter, name: string | symbol, options: EventsOptions<T> = {}): Subscription {
  if (typeof (emitter as Partial<EventEmitter> | null)?.on !== "function")
    throw invalidArg("eventsTo: emitter", "an EventEmitter", emitter);
  let dropped = 0;
  const onEvent = (value: T) => {
    try {
      if (out.trySend(value)) return;
      dropped++;
      if (options.dropOldest && options.dropOldest.tryRecv() !== EMPTY) out.trySend(value);
    } catch (error) {
      if (!(error instanceof ChannelClosedError)) throw error;
      stop();
    }
  };
  const stop = () => void emitter.off(name, onEvent);
  emitter.on(name, onEvent);
  return {
    get dropped() {
      return dropped;
    },
    stop,
    [Symbol.dispose]: stop,
  };
}
