// Served: a service's module on the thread that keeps its state, as its calls reach it.

import type { MessagePort } from "node:worker_threads";
import { Wire } from "../../runtime/channel/index.ts";
import { virtualClock } from "../../runtime/clock.ts";
import { HeddleError } from "../../runtime/errors.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import { importModule } from "../import-module.ts";
import { type Found, type Part, putIn, type Side, type StreamOffer, sendParts, takeOut } from "./crossing.ts";
import { Line } from "./line.ts";
import { give, type StreamWire } from "./stream.ts";

/** What comes of a call, encoded: a result, and what of it crosses by ways of its own; or what was thrown. */
export type Outcome = readonly ["result", Uint8Array, readonly Part[]] | readonly ["error", Uint8Array];

/** Calls of the module that the service makes itself. */
const HOOKS = ["start", "stop"];

export class Served implements Side {
  readonly thread: Thread;
  readonly line: Line;
  readonly over: AbortSignal;
  readonly #url: string;
  readonly #enter: () => () => void;
  readonly #exports: Record<string, unknown>;
  readonly #offered = new Map<number, AsyncIterable<unknown>>();
  #ports = 0;
  #offers = 0;

  private constructor(
    side: Pick<Side, "thread" | "over">,
    enter: () => () => void,
    port: MessagePort,
    url: string,
    exports: Record<string, unknown>,
  ) {
    this.thread = side.thread;
    this.over = side.over;
    this.line = new Line(side.over, port);
    this.#enter = enter;
    this.#url = url;
    this.#exports = exports;
  }

  /** Imports the module and calls its start hook. Throws what these throw. `enter` is called around the synchronous part of each call. */
  static async open(side: Pick<Side, "thread" | "over">, enter: () => () => void, port: MessagePort, url: string): Promise<Served> {
    const served = new Served(side, enter, port, url, await inRealTime(importModule(url)));
    await served.#hook("start");
    return served;
  }

  async close(): Promise<void> {
    await this.#hook("stop");
  }

  async #hook(name: string): Promise<void> {
    const hook = this.#exports[name];
    if (typeof hook === "function") await this.#run(hook as (...args: unknown[]) => unknown, []);
  }

  #run(fn: (...args: unknown[]) => unknown, args: readonly unknown[]): unknown {
    const leave = this.#enter();
    try {
      return fn(...args);
    } finally {
      leave();
    }
  }

  nextPort(): number {
    return ++this.#ports;
  }

  /** It waits to be asked for: the channels it goes through are made on the other side. */
  offer(source: AsyncIterable<unknown>): StreamOffer {
    this.#offered.set(++this.#offers, source);
    return this.#offers;
  }

  wireOf(offer: StreamOffer): StreamWire {
    return offer as StreamWire;
  }

  /** Starts giving what was offered under a number. */
  give(offer: number, wire: StreamWire): void {
    const source = this.#offered.get(offer)!;
    this.#offered.delete(offer);
    void give(source, wire, this.over);
  }

  /** Never rejects: what the function throws is an outcome. */
  async call(name: string, args: Uint8Array, parts: readonly Part[]): Promise<Outcome> {
    const wire = Wire.of(this.thread);
    try {
      const given = wire.decode(args);
      const whole = parts.length === 0 ? given : await putIn(given, parts, this, () => undefined);
      const result = await this.#run(this.#function(name), whole as unknown[]);
      const found: Found[] = [];
      const rest = wire.encode(`the result of ${name}`, takeOut(result, found)).slice();
      return ["result", rest, sendParts(found, this, () => undefined).parts];
    } catch (error) {
      return ["error", wire.encodeError(error).slice()];
    }
  }

  #function(name: string): (...args: unknown[]) => unknown {
    const fn = HOOKS.includes(name) ? undefined : this.#exports[name];
    if (typeof fn === "function") return fn as (...args: unknown[]) => unknown;
    const names = Object.keys(this.#exports).filter((key) => typeof this.#exports[key] === "function" && !HOOKS.includes(key));
    throw new HeddleError(
      "ERR_NO_FUNCTION",
      `expected ${this.#url} to export a function ${name}; its functions are: ${names.join(", ") || "none"}`,
    );
  }
}

/** A virtual clock stands still meanwhile: what is read from a disk is no wait of this library's. */
async function inRealTime<T>(work: Promise<T>): Promise<T> {
  const clock = virtualClock();
  if (!clock) return work;
  let isOver = false;
  const hold = () => {
    if (isOver) return;
    clock.touch();
    setImmediate(hold);
  };
  hold();
  try {
    return await work;
  } finally {
    isOver = true;
  }
}
