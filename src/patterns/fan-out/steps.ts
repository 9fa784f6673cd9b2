// A job on its way through the steps of a worker, on whichever thread: each value is pushed through all steps before the next one is begun, so that
// neighbouring steps pass their values on without a channel.

import type { Context } from "../../runtime/context/index.ts";
import { describe, HeddleError, invalidArg } from "../../runtime/errors.ts";
import type { Answer, StepKind, Work, WorkSettings } from "./wire.ts";

export interface Step {
  readonly kind: StepKind;
  readonly name: string;
  readonly fn: (item: unknown, ctx: Context) => unknown;
}

/** Sends an answer; rejects when nobody wants it any more. */
export type Send = (answer: Answer) => void | Promise<void>;

type Sink = (value: unknown) => void | Promise<void>;

/** Values of an item that yields many are sent on in parts of this many. */
const PART = 64;

export class Steps {
  readonly #settings: WorkSettings;
  readonly #send: Send;
  readonly #first: Sink;
  #passed: number[];
  #id = 0;
  /** The place in its job of the item being worked on. */
  #at = 0;
  /** Values of this job are kept until all of it is done, because it may be done again. */
  #isHeld = false;
  #values: unknown[] = [];
  /** For each value, the place of the item it came from. */
  #origins: number[] = [];
  #failures: [number, unknown][] = [];
  #retried = 0;
  #since = 0;

  constructor(steps: Step[], settings: WorkSettings, ctx: Context, send: Send) {
    this.#settings = settings;
    this.#send = send;
    this.#passed = steps.map(() => 0);
    let sink: Sink = (value) => this.#push(value);
    for (const [i, step] of [...steps.entries()].reverse()) {
      const next = sink;
      const pass: Sink = (value) => {
        this.#passed[i]!++;
        return next(value);
      };
      sink = this.#link(step, pass, ctx);
    }
    this.#first = sink;
  }

  #link({ kind, name, fn }: Step, pass: Sink, ctx: Context): Sink {
    if (kind === "map") {
      return (value) => {
        const made = fn(value, ctx);
        return isThenable(made) ? made.then(pass) : pass(made);
      };
    }
    if (kind === "filter") {
      return (value) => {
        const kept = fn(value, ctx);
        return isThenable(kept) ? kept.then((is) => (is ? pass(value) : undefined)) : kept ? pass(value) : undefined;
      };
    }
    return async (value) => this.#pour(name, await fn(value, ctx), pass);
  }

  async #pour(name: string, made: unknown, pass: Sink): Promise<void> {
    const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = Object(made) as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
    if (typeof async === "function") {
      for await (const value of made as AsyncIterable<unknown>) {
        await pass(value);
        if (!this.#isHeld) await this.#sendPart(); // the next one may be long in coming
      }
    } else if (typeof sync === "function") {
      for (const value of made as Iterable<unknown>) {
        const passed = pass(value);
        if (passed) await passed;
      }
    } else {
      throw invalidArg(`what ${name} gives`, "something iterable", made);
    }
  }

  #push(value: unknown): void | Promise<void> {
    this.#values.push(value);
    this.#origins.push(this.#at);
    if (this.#values.length >= PART && !this.#isHeld) return this.#sendPart();
  }

  async #sendPart(): Promise<void> {
    if (this.#values.length > 0) await this.#send(this.#answer(false));
  }

  #answer(isLast: boolean): Answer {
    const now = performance.now();
    const answer: Answer = [this.#id, this.#values, this.#failures, isLast, now - this.#since, this.#retried, this.#passed];
    this.#since = now;
    this.#values = [];
    this.#origins = [];
    this.#failures = [];
    this.#retried = 0;
    this.#passed = this.#passed.map(() => 0);
    return answer;
  }

  /** Works through a job and sends what comes of it. Rejects only when nobody wants it. */
  async run([id, items]: Work): Promise<void> {
    this.#id = id;
    this.#isHeld = this.#settings.retry > 0 || items.length > 1;
    this.#since = performance.now();
    for (let at = 0; at < items.length; at++) {
      this.#at = at;
      const item = this.#item(items[at]);
      if (item) await item;
      if (this.#failures.length > 0 && this.#settings.stopsAtFailure) break;
    }
    const origins = this.#origins;
    const answer = this.#answer(true);
    try {
      const sent = this.#send(answer);
      if (sent) await sent;
    } catch (error) {
      if (!isUnsendable(error)) throw error;
      await this.#sendOneByOne(answer, origins);
    }
  }

  /** One item through all steps; a promise only if a step gave one. */
  #item(item: unknown): void | Promise<void> {
    const mark = this.#values.length;
    try {
      return this.#first(item)?.catch((error: unknown) => this.#retry(item, mark, error, this.#settings.retry));
    } catch (error) {
      return this.#retry(item, mark, error, this.#settings.retry);
    }
  }

  async #retry(item: unknown, mark: number, error: unknown, left: number): Promise<void> {
    if (left === 0) {
      this.#failures.push([this.#at, error]);
      return;
    }
    this.#values.length = this.#origins.length = mark;
    this.#retried++;
    try {
      await this.#first(item);
    } catch (again) {
      await this.#retry(item, mark, again, left - 1);
    }
  }

  /** A value of the answer cannot be sent: its item has failed, the others are sent. */
  async #sendOneByOne([id, values, failures, , busyMs, retried, passed]: Answer, origins: readonly number[]): Promise<void> {
    const failed = failures.map(([at, error]): [number, unknown] => [at, isSendable(error) ? error : describe(error)]);
    for (const [i, value] of values.entries()) {
      try {
        await this.#send([id, [value], [], false, 0, 0, []]);
      } catch (error) {
        if (!isUnsendable(error)) throw error;
        failed.push([origins[i]!, error]);
        if (this.#settings.stopsAtFailure) break;
      }
    }
    await this.#send([id, [], failed, true, busyMs, retried, passed]);
  }
}

/** A thrown value that is no Error may be anything. */
function isSendable(thrown: unknown): boolean {
  return thrown instanceof Error || (typeof thrown !== "function" && typeof thrown !== "symbol" && typeof thrown !== "object");
}

function isUnsendable(error: unknown): boolean {
  return error instanceof HeddleError && (error.code === "ERR_UNSENDABLE" || error.code === "ERR_HEAP_EXHAUSTED");
}

function isThenable(value: unknown): value is Promise<unknown> {
  return (
    value instanceof Promise || (typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function")
  );
}
