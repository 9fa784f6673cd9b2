// Streams: an async iterable on one thread, read on another, a few values ahead at most.
//
//   giver: pump(source) ─▶ values (a channel: [VALUE, v] … then [END] or [FAILURE, error]) ─────▶ taker: next()
//          stop.recv()  ◀──────────────────── stop, closed by a taker that leaves early ──────────── return()
//
// Both channels are made on the supervising side, which does not die: a thread that died with the only handles of channels would leave them to nobody.
//
// Crash    Each side is told by `over` that the other is gone: the giver leaves its source, the taker throws the reason; either drops both channels.

import { Channel, CLOSED, closeOnce, type Sender, structured } from "../../runtime/channel/index.ts";
import { HeddleError } from "../../runtime/errors.ts";
import { pump } from "../../runtime/interop/index.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import { select } from "../../runtime/select/index.ts";

const VALUE = 0;
const FAILURE = 1;
const END = 2;
type Item = readonly [typeof VALUE | typeof FAILURE | typeof END, unknown?];

/** Its two channels, as they cross. */
export type StreamWire = readonly [values: Channel<Item>, stop: Channel<unknown>];

/** Values on their way. */
const AHEAD = 16;

export function makeWire(thread: Thread): StreamWire {
  const values = Channel.make(thread, structured<Item>(), AHEAD) as unknown as Channel<Item>;
  return [values, Channel.make(thread, structured<unknown>(), 0) as Channel<unknown>];
}

/** Gives what a source has, until it ends, the taker has enough, or `over` aborts. Settles when nothing more will come; never rejects. */
export async function give(source: AsyncIterable<unknown>, [values, stop]: StreamWire, over: AbortSignal): Promise<void> {
  const left = new AbortController();
  const leave = () => left.abort();
  over.addEventListener("abort", leave, { once: true });
  if (over.aborted) leave();
  select({ stop }, { isBackground: true }).then(leave, leave);
  try {
    await pump(tagged(source), inBackground(values), { signal: left.signal, close: false });
  } catch (error) {
    if (!left.signal.aborted) await tell(values, error, left.signal); // a value that cannot cross
  } finally {
    over.removeEventListener("abort", leave);
    closeOnce(values);
    closeOnce(stop);
    if (over.aborted) values[Symbol.dispose]();
  }
}

/** A giver alone keeps no process alive: whoever takes from it may. */
function inBackground(values: Channel<Item>): Sender<Item> {
  const send: Sender<Item>["send"] = async (item, options) => {
    if (!values.trySend(item)) await select({ sent: values.sending(item) }, { ...options, isBackground: true });
  };
  return { send } as Sender<Item>;
}

async function* tagged(source: AsyncIterable<unknown>): AsyncGenerator<Item, void, undefined> {
  try {
    for await (const value of source) yield [VALUE, value];
    yield [END];
  } catch (error) {
    yield [FAILURE, error];
  }
}

async function tell(values: Channel<Item>, error: unknown, signal: AbortSignal): Promise<void> {
  try {
    await values.send([FAILURE, error], { signal });
  } catch {
    // Nobody is there to be told: the taker has left, or its thread has died.
  }
}

/** What comes of a giver. Leaving it early stops the giver. */
export class Stream implements AsyncIterableIterator<unknown, undefined> {
  readonly #values: Channel<Item>;
  readonly #stop: Channel<unknown>;
  readonly #over: AbortSignal;
  readonly #onEnd: () => void;
  readonly #onOver = () => this.#end();
  #isOver = false;

  /** `onEnd` is called once, when nothing more will come of it. */
  constructor([values, stop]: StreamWire, over: AbortSignal, onEnd: () => void) {
    this.#values = values;
    this.#stop = stop;
    this.#over = over;
    this.#onEnd = onEnd;
    over.addEventListener("abort", this.#onOver, { once: true });
    if (over.aborted) this.#end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    const item = this.#isOver ? CLOSED : await this.#values.recv();
    if (this.#over.aborted) throw this.#over.reason;
    if (item !== CLOSED && item[0] === VALUE) return { value: item[1], done: false };
    const wasOver = this.#isOver;
    this.#end();
    if (item !== CLOSED && item[0] === FAILURE) throw item[1];
    if (item === CLOSED && !wasOver)
      throw new HeddleError("ERR_CLOSED", "the stream was closed before its end: the call it was an argument of is over");
    return { value: undefined, done: true };
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    this.#end();
    return Promise.resolve({ value: undefined, done: true });
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#over.removeEventListener("abort", this.#onOver);
    closeOnce(this.#stop);
    this.#values[Symbol.dispose]();
    this.#onEnd();
  }
}
