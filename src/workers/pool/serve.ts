// A pool's thread at work: claims the calls of its inbox one by one, runs each to its end, answers it, until the inbox is closed.
//
// Order    an answer is sent before the next call is claimed, so whatever dies takes one call with it.
// Crash    a value without its answer is dropped with the desk.

import { setImmediate as turn } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";
import { threadId } from "node:worker_threads";
import { CLOSED, EMPTY, type Sender, Wire } from "../../runtime/channel/index.ts";
import { HeddleError } from "../../runtime/errors.ts";
import { select } from "../../runtime/select/index.ts";
import { type Carried, runWith } from "../carried.ts";
import { importModule } from "../import-module.ts";
import { Runtime } from "../runtime.ts";
import { claim } from "./claims.ts";
import { CARRYING, PLAIN, STREAM } from "./message.ts";
import { MessageReader } from "./message-reader.ts";
import { ERROR, FALSE, HEAP, type NamedCall, NO_ROOM, NULL, NUMBER, type Place, READY, TRUE, UNDEFINED, VALUE } from "./wire.ts";

type Fn = (...args: unknown[]) => unknown;

/** How long it goes on from call to call before the event loop gets a turn. */
const TURN_MS = 5;
const ASYNC_GENERATOR = "[object AsyncGenerator]";

/** The task of a thread of a pool. Throws what set-up and import throw: the thread is none of the pool's then. */
export async function serve(place: Place): Promise<void> {
  const bench = new Bench(place, Runtime.current); // known until the first await, with `threads: 0`
  await bench.prepare();
  await bench.work();
  await bench.run(place.tearDown);
}

class Bench {
  readonly #place: Place;
  readonly #runtime: Runtime;
  readonly #wire: Wire;
  /** Calls of a runtime without threads find it as Runtime.current. */
  readonly #mustEnter: boolean;
  readonly #names: string[] = [];
  readonly #functions: Fn[] = [];
  #exports: Record<string, unknown> = {};
  #heapToldMs = 0;

  constructor(place: Place, runtime: Runtime) {
    this.#place = place;
    this.#runtime = runtime;
    this.#wire = Wire.of(place.inbox.ring.thread);
    this.#mustEnter = runtime.threads === 0;
  }

  async prepare(): Promise<void> {
    const { url, setUp, warmUp, warmUpRounds, answers } = this.#place;
    this.#exports = await importModule(url);
    await this.run(setUp);
    for (let round = 0; round < warmUpRounds; round++) for (const call of warmUp) await this.run(call);
    answers.trySend({ ticket: 0, kind: READY, value: this.#mustEnter ? 0 : threadId, ranMs: 0 });
  }

  async run(call: NamedCall | undefined): Promise<void> {
    if (call === undefined) return;
    const exports = call.url === this.#place.url ? this.#exports : await importModule(call.url);
    await this.#enter(functionOf(exports, call.url, call.name), call.args as unknown[]);
  }

  async work(): Promise<void> {
    const { claims } = this.#place;
    let nowMs = performance.now();
    let turnUntil = nowMs + TURN_MS;
    for (let message = await this.#next(); message !== CLOSED; message = await this.#next()) {
      const reader = new MessageReader(message, this.#names);
      nowMs = performance.now();
      while (reader.next()) {
        if (!claim(claims, reader.ticket)) {
          reader.skip();
          continue;
        }
        const { ticket } = reader;
        const startedMs = nowMs;
        try {
          let result = this.#begin(reader);
          if (isThenable(result)) result = await result;
          nowMs = performance.now();
          this.#answer(ticket, result, nowMs - startedMs);
        } catch (error) {
          nowMs = performance.now();
          this.#answerError(ticket, error, nowMs - startedMs);
        }
        if (nowMs >= turnUntil) {
          this.#tellHeap(nowMs);
          await turn();
          nowMs = performance.now();
          turnUntil = nowMs + TURN_MS;
        }
      }
      if (this.#place.heapEveryMs !== Number.POSITIVE_INFINITY) this.#tellHeap(nowMs);
    }
  }

  /** Without threads this wait is the supervising thread's: in the background, since an idle pool keeps no process alive. */
  async #next(): Promise<Uint8Array | typeof CLOSED> {
    const { inbox } = this.#place;
    if (!this.#mustEnter) return inbox.recv();
    const message = inbox.tryRecv();
    return message === EMPTY ? (await select({ inbox }, { isBackground: true })).value : message;
  }

  #begin(reader: MessageReader): unknown {
    const { functionId, form } = reader;
    const args = form === PLAIN ? reader.plain() : (this.#wire.decode(reader.packed()) as unknown[]);
    const fn = this.#functions[functionId] ?? this.#find(functionId);
    if ((form & CARRYING) === 0) return this.#run(fn, args, reader);
    const values = args.shift() as Carried;
    return runWith(values, () => this.#run(fn, args, reader));
  }

  #run(fn: Fn, args: unknown[], { functionId, form }: MessageReader): unknown {
    if (form & STREAM) return this.#stream(fn, args);
    const result = this.#mustEnter ? this.#enter(fn, args) : fn(...args);
    if (Object.prototype.toString.call(result) === ASYNC_GENERATOR) {
      throw new HeddleError(
        "ERR_UNSENDABLE",
        `${this.#names[functionId]} gives many values, one after another: call it through pool.stream`,
      );
    }
    return result;
  }

  #find(functionId: number): Fn {
    const fn = functionOf(this.#exports, this.#place.url, this.#names[functionId]!);
    this.#functions[functionId] = fn;
    return fn;
  }

  #enter(fn: Fn, args: unknown[]): unknown {
    if (!this.#mustEnter) return fn(...args);
    const leave = this.#runtime.enter();
    try {
      return fn(...args);
    } finally {
      leave();
    }
  }

  /** Sends what an iterable gives, until its end or until nobody wants any more. */
  async #stream(fn: Fn, [out, ...args]: unknown[]): Promise<void> {
    const values = this.#enter(fn, args) as AsyncIterable<unknown>;
    if (!isStream(values))
      throw new HeddleError("ERR_UNSENDABLE", "expected an async iterable of a function that is called through pool.stream");
    try {
      for await (const value of values) await (out as Sender<unknown>).send(value);
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code !== "ERR_CHANNEL_CLOSED") throw error; // its reader has left
    }
  }

  #answer(ticket: number, result: unknown, ranMs: number): void {
    const { answers, values } = this.#place;
    let kind = VALUE;
    let value = 0;
    if (result === undefined) kind = UNDEFINED;
    else if (typeof result === "number") {
      kind = NUMBER;
      value = result;
    } else if (result === null) kind = NULL;
    else if (result === true) kind = TRUE;
    else if (result === false) kind = FALSE;
    else values.trySend(this.#wire.encode("the result", result));
    answers.trySend({ ticket, kind, value, ranMs });
  }

  #answerError(ticket: number, thrown: unknown, ranMs: number): void {
    const { answers, values } = this.#place;
    let kind = ERROR;
    try {
      values.trySend(this.#wire.encodeError(thrown));
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_HEAP_EXHAUSTED") throw error;
      kind = NO_ROOM;
    }
    answers.trySend({ ticket, kind, value: 0, ranMs });
  }

  #tellHeap(nowMs: number): void {
    if (nowMs - this.#heapToldMs < this.#place.heapEveryMs) return;
    this.#heapToldMs = nowMs;
    this.#place.answers.trySend({ ticket: 0, kind: HEAP, value: getHeapStatistics().used_heap_size, ranMs: 0 });
  }
}

function functionOf(exports: Record<string, unknown>, url: string, name: string): Fn {
  const fn = exports[name];
  if (typeof fn === "function") return fn as Fn;
  const names = Object.keys(exports).filter((key) => typeof exports[key] === "function");
  throw new HeddleError(
    "ERR_NO_FUNCTION",
    `expected ${url} to export a function ${name}; its functions are: ${names.join(", ") || "none"}`,
  );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
