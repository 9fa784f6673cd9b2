// Calls: a service's calls that are under way, on the side that made them. Each settles exactly once, whatever becomes of the thread.
//
//   submit ─▶ waiting ─▶ sent ─┬─▶ result, or what the function threw
//                ▲             ├─ never begun (its thread died or stopped before) ─▶ waiting again
//                │             └─ begun, and its thread died: ERR_THREAD_DIED, unless it may run twice ─▶ waiting again
//                └── in the order they were made; refused with ERR_SERVICE_DOWN when nothing will start the service again
//
// Invariants
//   1. A call that is not declared idempotent is begun at most once: it is sent again only after a refusal of the queue it stood in, unbegun.
//   2. Whatever settles a call first counts; what comes later is dropped, and streams it brings are ended.

import { Wire } from "../../runtime/channel/index.ts";
import { HeddleError, ThreadDiedError } from "../../runtime/errors.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import { discard, type Found, isRepeatable, putIn, sendParts, takeOut } from "./crossing.ts";
import type { Instance } from "./instance.ts";
import { PendingCall } from "./pending-call.ts";

export interface CallsOptions {
  readonly name: string;
  /** Which functions may run twice. */
  readonly idempotent: ReadonlySet<string>;
  /** How often a call that may run twice is begun at most. */
  readonly attempts: number;
  /** Calls that may wait while the service is not there. */
  readonly maxWaiting: number;
}

export class Calls {
  readonly #thread: Thread;
  readonly #options: CallsOptions;
  #instance: Instance | undefined;
  #down: { readonly cause: unknown } | undefined;
  #waiting: PendingCall[] = [];
  #made = 0;

  constructor(thread: Thread, options: CallsOptions) {
    this.#thread = thread;
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** From now on calls go there, those that wait first. */
  up(instance: Instance): void {
    this.#instance = instance;
    this.#down = undefined;
    for (const call of this.#waiting.splice(0)) void this.#send(call, instance);
  }

  /** From now on calls wait. */
  pause(): void {
    this.#instance = undefined;
    this.#down = undefined;
  }

  /** Calls that wait are refused, and every other from now on. */
  down(cause: unknown): void {
    this.#instance = undefined;
    this.#down = { cause };
    for (const call of this.#waiting.splice(0)) call.reject(this.downError(cause));
  }

  downError(cause: unknown): HeddleError {
    const why = cause instanceof Error ? cause.message : "it was stopped";
    return new HeddleError("ERR_SERVICE_DOWN", `the service ${this.#options.name} is down: ${why}`, { cause });
  }

  /** Throws: ERR_UNSENDABLE. `end` settles the call with its reason, whatever it is at. */
  submit(name: string, args: readonly unknown[], end: AbortSignal | undefined): Promise<unknown> {
    const found: Found[] = [];
    const rest = takeOut(args, found);
    const bytes = Wire.of(this.#thread).encode(`the arguments of ${name}`, rest).slice(); // what they are now, however often they are sent
    const call = new PendingCall(this.#thread, { order: this.#made++, name, args: bytes, found, end });
    call.onAborted = () => {
      this.#waiting = this.#waiting.filter((one) => one !== call);
    };
    if (!call.isSettled) this.#place(call);
    return call.promise;
  }

  #place(call: PendingCall): void {
    if (this.#down) call.reject(this.downError(this.#down.cause));
    else if (this.#instance) void this.#send(call, this.#instance);
    else if (this.#waiting.length >= this.#options.maxWaiting && !call.wasSent) {
      const text = `${this.#options.name}.${call.name}: ${this.#waiting.length} calls wait for the service already (option maxWaiting)`;
      call.reject(new HeddleError("ERR_QUEUE_FULL", text));
    } else {
      const after = this.#waiting.findIndex((one) => one.order > call.order);
      this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, call);
    }
  }

  async #send(call: PendingCall, instance: Instance): Promise<void> {
    call.wasSent = true; // accepted: it waits again, if need be, whatever the limit
    let uses = 1; // the call itself, and streams that it gives
    const count = (change: 1 | -1) => {
      uses += change;
      instance.onStream(change);
      if (uses === 0) release();
    };
    let release: () => void = () => undefined;
    instance.onStream(1);
    try {
      const sent = sendParts(call.found, instance, (change) => instance.onStream(change));
      release = sent.release;
      const begin = () => instance.call(call.name, call.args, sent.parts, call.end);
      const [kind, bytes, parts = []] = await call.runInAsyncScope(begin);
      const wire = Wire.of(this.#thread);
      if (kind === "error") call.reject(wire.decode(bytes));
      else if (call.isSettled) await discard(parts, instance);
      else call.resolve(await putIn(wire.decode(bytes), parts, instance, count));
    } catch (error) {
      if (!call.isSettled) this.#onLost(call, instance, error);
    } finally {
      count(-1);
    }
  }

  /** It has no outcome: was it begun, and may it be again? */
  #onLost(call: PendingCall, instance: Instance, error: unknown): void {
    const { code } = error as { code?: unknown };
    const isUnbegun = code === "ERR_TASK_CANCELLED";
    if (!isUnbegun && code !== "ERR_THREAD_DIED") {
      call.reject(error); // it has an outcome: no room in the heap for its result, say
      return;
    }
    const { idempotent, attempts, name } = this.#options;
    if (!isUnbegun) call.begun++;
    const mayGoOn = isUnbegun || (idempotent.has(call.name) && call.begun < attempts);
    if (mayGoOn && isRepeatable(call.found)) {
      if (this.#instance === instance && instance.over.aborted) this.#instance = undefined;
      this.#place(call);
      return;
    }
    const cause = instance.over.aborted ? instance.over.reason : error;
    call.reject(new ThreadDiedError(`${name}.${call.name}: ${(cause as Error).message}`, { cause }));
  }
}
