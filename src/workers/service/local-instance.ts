// A service on the calling thread: with `threads: 0`, or as its fallback. The same module, the same ways in and out, values copied as between threads; but
// nothing can be killed here, and what blocks blocks the calling thread.

import { MessageChannel } from "node:worker_threads";
import { Wire } from "../../runtime/channel/index.ts";
import { AbortError, HeddleError } from "../../runtime/errors.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import type { Part, StreamOffer } from "./crossing.ts";
import { Ending } from "./ending.ts";
import { type Instance, notBegun, type ServiceCode } from "./instance.ts";
import { Line } from "./line.ts";
import { type Outcome, Served } from "./served.ts";
import { give, makeWire, type StreamWire } from "./stream.ts";

let runs = 0;

export class LocalInstance implements Instance {
  readonly threadId = 0;
  readonly thread: Thread;
  readonly line: Line;
  readonly #name: string;
  readonly #ending = new Ending();
  #served: Served | undefined;
  #ports = 0;
  #last: Promise<void> = Promise.resolve();

  private constructor(thread: Thread, name: string) {
    this.thread = thread;
    this.#name = name;
    this.line = new Line(this.over);
  }

  /** Each start imports the module anew, so that its state begins anew; what that imports in turn is shared, and one from a `data:` URL is not imported again. */
  static async start(thread: Thread, enter: () => () => void, code: ServiceCode, signal: AbortSignal): Promise<LocalInstance> {
    const instance = new LocalInstance(thread, code.name);
    const { port1, port2 } = new MessageChannel();
    instance.line.attach(port2);
    const url = code.url.startsWith("file:") ? `${code.url}?heddle=${++runs}` : code.url;
    const stop = () => instance.stop(0);
    signal.addEventListener("abort", stop, { once: true });
    try {
      instance.#served = await Served.open({ thread, over: instance.over }, enter, port1, url);
      return instance;
    } catch (error) {
      instance.stop(0);
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  get over(): AbortSignal {
    return this.#ending.over;
  }

  get exited(): Instance["exited"] {
    return this.#ending.exited;
  }

  nextPort(): number {
    return ++this.#ports;
  }

  offer(source: AsyncIterable<unknown>, end: AbortSignal, onEnd: () => void): StreamOffer {
    const wire = makeWire(this.thread);
    void give(source, wire, end).then(onEnd);
    return wire;
  }

  wireOf(offer: StreamOffer): StreamWire {
    const wire = makeWire(this.thread);
    this.#served!.give(offer as number, wire);
    return wire;
  }

  onStream(change: 1 | -1): void {
    this.#ending.count(change);
  }

  async call(name: string, args: Uint8Array, parts: readonly Part[], signal: AbortSignal | undefined): Promise<Outcome> {
    if (this.over.aborted) throw notBegun(name);
    this.#ending.count(1);
    this.thread.parker.hold();
    try {
      const wire = Wire.of(this.thread);
      const crossed = parts.length === 0 ? parts : (wire.decode(wire.encode("arguments", parts)) as Part[]);
      await this.#turn();
      if (this.over.aborted) throw notBegun(name);
      if (signal?.aborted) throw new AbortError(signal.reason);
      return await untilOver(this.over, this.#served!.call(name, args, crossed));
    } finally {
      this.thread.parker.release();
      this.#ending.count(-1);
    }
  }

  /** Calls begin on a later step, as on a thread, one after the other, and now and then on a later turn of the event loop. */
  #turn(): Promise<void> {
    this.#last = this.#last.then(() => this.thread.resolved(undefined));
    return this.#last;
  }

  stop(graceMs: number): void {
    if (graceMs === 0) this.#end("killed");
    else this.#ending.whenFree(() => void this.#close());
  }

  async #close(): Promise<void> {
    if (this.over.aborted) return;
    try {
      await this.#served?.close();
      this.#end("stopped");
    } catch (error) {
      this.#end("stopped", error);
    }
  }

  #end(kind: "killed" | "stopped", error?: unknown): void {
    const reason = new HeddleError("ERR_THREAD_DIED", `${this.#name} was ${kind} on the calling thread`);
    this.#ending.end(error === undefined ? { kind } : { kind, error }, reason);
  }
}

function untilOver<T>(over: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onOver = () => reject(over.reason);
    over.addEventListener("abort", onOver, { once: true });
    if (over.aborted) onOver();
    promise.then(resolve, reject).finally(() => over.removeEventListener("abort", onOver));
  });
}
