// Streams: an async iterable on one thread, read on another, a few values ahead at most.
//
//   giver: pump(source) ─▶ values (a channel: [VALUE, v] … [FAILURE, error], closed at the end) ─▶ taker: next()
//          stop.recv()  ◀──────────────────── stop, closed by a taker that leaves early ──────────── return()
//
// Crash    Each side is told by `over` that the other is gone: the giver leaves its source, the taker throws the reason; either drops both channels.

import { Channel, CLOSED, closeOnce, structured } from "../../runtime/channel/index.ts";
import { pump } from "../../runtime/interop/index.ts";
import type { Thread } from "../../runtime/memory/thread.ts";

const VALUE = 0;
const FAILURE = 1;
type Item = readonly [typeof VALUE | typeof FAILURE, unknown];

/** Its two channels, as they cross. */
export type StreamWire = readonly [values: Channel<Item>, stop: Channel<unknown>];

/** Values on their way. */
const AHEAD = 16;

/** Starts giving; answers what the taker needs. `onEnd` is called once, when nothing more will come of it. */
export function give(source: AsyncIterable<unknown>, thread: Thread, over: AbortSignal, onEnd: () => void): StreamWire {
  const values = Channel.make(thread, structured<Item>(), AHEAD) as unknown as Channel<Item>;
  const stop = Channel.make(thread, structured<unknown>(), 0) as Channel<unknown>;
  void run(source, values, stop, over).then(onEnd);
  return [values, stop];
}

async function run(source: AsyncIterable<unknown>, values: Channel<Item>, stop: Channel<unknown>, over: AbortSignal): Promise<void> {
  const left = new AbortController();
  const leave = () => left.abort();
  over.addEventListener("abort", leave, { once: true });
  if (over.aborted) leave();
  stop.recv().then(leave, leave);
  try {
    await pump(tagged(source), values.sender, { signal: left.signal, close: false });
  } catch (error) {
    if (!left.signal.aborted) await tell(values, error, left.signal); // a value that cannot cross
  } finally {
    over.removeEventListener("abort", leave);
    closeOnce(values);
    closeOnce(stop);
    if (over.aborted) values[Symbol.dispose]();
  }
}

async function* tagged(source: AsyncIterable<unknown>): AsyncGenerator<Item, void, undefined> {
  try {
    for await (const value of source) yield [VALUE, value];
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
    if (item === CLOSED) {
      this.#end();
      return { value: undefined, done: true };
    }
    const [kind, value] = item;
    if (kind === VALUE) return { value, done: false };
    this.#end();
    throw value;
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
