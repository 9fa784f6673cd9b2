// A service on a thread of its own: a crew of one, for one run. Calls are tasks in the crew's queue.
//
//   crew ─▶ thread ready ─▶ open: import, start hook ─▶ calls … ─▶ close: stop hook ─▶ crew closed ─▶ exited
//                                                         └─ the thread dies: begun calls reject, the queue is refused, those in it were never begun
//
// Invariant  the crew replaces no thread: it wants one until the first is ready and none from then on. Who starts again, and when, is the supervisor's affair.

import { HeddleError } from "../../runtime/errors.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import { AtomicInt } from "../../runtime/sync/index.ts";
import { Crew, type CrewHome } from "../crew.ts";
import type { FunctionName } from "../module-ref.ts";
import type { PostChange } from "../post.ts";
import type { Exit } from "../supervision/child.ts";
import type { Part, StreamOffer } from "./crossing.ts";
import { Ending } from "./ending.ts";
import { HangWatch } from "./hang-watch.ts";
import { type Instance, notBegun, type ServiceCode } from "./instance.ts";
import { expectLine, Line } from "./line.ts";
import type { Outcome } from "./served.ts";
import { give, makeWire, type StreamWire } from "./stream.ts";

const SERVE = new URL(import.meta.url.endsWith(".ts") ? "./serve.ts" : "./serve.js", import.meta.url).href;
const task = (name: string): FunctionName => ({ url: SERVE, name });

let nextKey = 1;

export class ThreadInstance implements Instance {
  readonly thread: Thread;
  readonly line: Line;
  readonly #code: ServiceCode;
  readonly #crew: Crew;
  readonly #ending = new Ending();
  readonly #forgetLine: () => void;
  readonly #key = nextKey++;
  #threadId = 0;
  #beat: AtomicInt | undefined;
  #watch: HangWatch | undefined;
  #ports = 0;

  private constructor(home: CrewHome, thread: Thread, code: ServiceCode) {
    this.thread = thread;
    this.#code = code;
    this.line = new Line(this.over);
    this.#forgetLine = expectLine(this.#key, (port) => this.line.attach(port));
    this.#crew = new Crew(home, { threads: 1, limit: Number.MAX_SAFE_INTEGER, onChange: (change) => this.#onChange(change) });
  }

  /** Starts a thread and opens the module on it. Throws: what that throws, ERR_THREAD_START, ERR_THREAD_DIED, ERR_TOO_MANY_CREWS, ERR_HEAP_EXHAUSTED. */
  static async start(home: CrewHome, thread: Thread, code: ServiceCode, signal: AbortSignal): Promise<ThreadInstance> {
    const instance = new ThreadInstance(home, thread, code);
    const stop = () => instance.stop(0);
    signal.addEventListener("abort", stop, { once: true });
    try {
      await instance.#open();
      return instance;
    } catch (error) {
      instance.stop(0);
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #open(): Promise<void> {
    const { hangMs, url } = this.#code;
    await this.#crew.ready();
    [this.#threadId] = this.#crew.threadIds as [number];
    this.#crew.resize(0);
    if (hangMs !== undefined) {
      this.#beat = AtomicInt.make(this.thread);
      this.#watch = new HangWatch(this.#beat, hangMs, (forMs) => this.#onHang(forMs));
    }
    await this.#crew.go(task("open"), [this.#key, url, this.#beat, this.#watch?.beatMs ?? 0], {}, true);
  }

  get threadId(): number {
    return this.#threadId;
  }

  get over(): AbortSignal {
    return this.#ending.over;
  }

  get exited(): Promise<Exit> {
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
    if (!this.over.aborted) {
      const asked = this.#crew.go(task("give"), [offer, wire], {}, true);
      asked.catch(() => undefined); // only if the thread is gone, as whoever takes from it is told
    }
    return wire;
  }

  onStream(change: 1 | -1): void {
    this.#ending.count(change);
  }

  async call(name: string, args: Uint8Array, parts: readonly Part[], signal: AbortSignal | undefined): Promise<Outcome> {
    if (this.over.aborted) throw notBegun(name);
    this.#ending.count(1);
    try {
      return (await this.#crew.go(task("call"), [name, args, parts], { signal })) as Outcome;
    } finally {
      this.#ending.count(-1);
    }
  }

  stop(graceMs: number): void {
    if (graceMs === 0) this.#end({ kind: "killed" }, `${this.#code.name} was killed`);
    else this.#ending.whenFree(() => void this.#close());
  }

  async #close(): Promise<void> {
    if (this.over.aborted) return;
    let exit: Exit = { kind: "stopped" };
    try {
      await this.#crew.go(task("close"), [], {}, true);
    } catch (error) {
      exit = { kind: "stopped", error };
    }
    this.#end(exit, `${this.#code.name} was stopped`);
  }

  #onChange(change: PostChange): void {
    if (change.what !== "died") return; // that it cannot be started, ready() tells
    const text = `thread ${change.threadId} of ${this.#code.name} died: ${change.reason}`;
    const error = new HeddleError("ERR_THREAD_DIED", text, change.error === undefined ? undefined : { cause: change.error });
    this.#end({ kind: change.reason.includes("(exit code 0)") ? "normal" : "failed", error }, text, error);
  }

  #onHang(forMs: number): void {
    const what = this.#watch!.whatOf(this.thread.heap, this.#threadId);
    this.#code.onHang(this.#threadId, forMs, what);
    const why = `${what}; its event loop stood still for ${forMs} ms`;
    const text = `thread ${this.#threadId} of ${this.#code.name} was killed: ${why}`;
    this.#crew.kill(this.#threadId, why);
    this.#end({ kind: "killed", error: new HeddleError("ERR_THREAD_DIED", text) }, text);
  }

  #end(exit: Exit, text: string, error = new HeddleError("ERR_THREAD_DIED", text)): void {
    if (this.over.aborted) return;
    this.#watch?.stop();
    this.#beat?.[Symbol.dispose]();
    this.#forgetLine();
    this.#crew.close(); // what is queued was never begun
    this.#ending.end(exit, error);
  }
}
