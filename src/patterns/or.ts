// Or-channel: many signals, one that fires when any of them does. Source: Concurrency in Go, ch. 4, "The or-channel". The figure there is a tree of goroutines
// (50 for 100 channels) that closes the result and loses what the winner sent; this is one wait, and the winner's value comes with it.

import { Channel, CLOSED, Receiver } from "../runtime/channel/index.ts";
import { Context } from "../runtime/context/index.ts";
import { invalidArg } from "../runtime/errors.ts";
import { select } from "../runtime/select/index.ts";
import { Timer } from "../runtime/timers.ts";
import { type EndOptions, endError, endOf } from "./ending.ts";

/** A channel or receiver (fires when it closes or has a value), a timer, a Context, an AbortSignal, or undefined and null: disabled, never fires. */
export type OrInput = Channel<unknown> | Receiver<unknown> | Timer | Context | AbortSignal | undefined | null;

/** What a select can wait for. */
type Waited = Exclude<OrInput, AbortSignal | undefined | null>;

/** Ends by name, or as a list; a case that is undefined or null never fires. */
export type OrInputs = Readonly<Record<string, OrInput>> | readonly OrInput[];

/** Which one fired, and why. */
export interface Fired {
  /** Its key, or its place in the list. */
  readonly case: string | number;
  readonly why: "value" | "closed" | "time" | "aborted";
  /** What was received, the instant of a timer, the reason of an AbortSignal; the cause of a context; undefined for a channel that closed. */
  readonly value: unknown;
}

/**
 * Waits for the first of many signals. At most one value is taken, from the winner; all others are unsubscribed. Of several that are ready one is chosen
 * at random, after AbortSignals and contexts that have ended, which come first, in their order. Of none, and of disabled ones alone: never fires
 * (`isNever`), until one is added. An input given twice counts as the first of the two.
 * Waits: never; `done` does, and keeps the process alive until it fires or stop() is called. Threads: any; the inputs may be of any thread.
 * Throws: ERR_INVALID_ARG; what has ended it already. Cost: one select, however many inputs; no task, no channel.
 * See: Concurrency in Go, ch. 4, "The or-channel".
 */
export function or(inputs: OrInputs, options: EndOptions = {}): Or {
  const end = endOf("or", options);
  if (typeof inputs !== "object" || inputs === null) throw invalidArg("or: inputs", "an object or a list of signals", inputs);
  const isList = Array.isArray(inputs);
  const entries = Object.entries(inputs as Record<string, OrInput>);
  return new Or(
    entries.map(([key, input]) => [isList ? Number(key) : key, input]),
    end,
  );
}

/** The first of several ends, as or() has joined them. Threads: the one that made it. */
export class Or {
  readonly #inputs = new Map<string | number, OrInput>();
  readonly #fired = new AbortController();
  readonly #outer: AbortSignal | undefined;
  /** Ends the select that waits. */
  #leave = new AbortController();
  #settle!: { resolve: (fired: Fired) => void; reject: (error: unknown) => void };
  #stopped: { readonly reason: unknown } | undefined;
  #isOver = false;
  #outcome: Fired | undefined;
  /** Resolves with the winner. Rejects with an AbortError after stop(), with what `ctx` or `signal` ended it with, and with ERR_CLOSED. */
  readonly done: Promise<Fired>;

  /** @internal */
  constructor(entries: (readonly [string | number, OrInput])[], outer: AbortSignal | undefined) {
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.done.catch(() => undefined); // told by `signal` too; whoever awaits it hears of it
    this.#outer = outer;
    outer?.addEventListener("abort", this.#onOuter, { once: true });
    for (const [key, input] of entries) this.#inputs.set(key, checked(key, input));
    for (const input of this.#inputs.values()) if (input instanceof AbortSignal) input.addEventListener("abort", this.#onAbort);
    void this.#wait();
  }

  /** Fires with it, `reason` is what `done` gives: to pass on to whatever takes an AbortSignal, another or() too. */
  get signal(): AbortSignal {
    return this.#fired.signal;
  }

  /** The winner, once there is one. */
  get fired(): Fired | undefined {
    return this.#outcome;
  }

  /** There is nothing that could fire. */
  get isNever(): boolean {
    return !this.#isOver && ![...this.#inputs.values()].some((input) => (input instanceof Context ? input.done : input));
  }

  /** One more input, while it waits; afterwards: nothing. Throws: ERR_INVALID_ARG for a key that is there already. */
  add(key: string | number, input: OrInput): void {
    if (this.#inputs.has(key)) throw invalidArg("or: key", "a key that is not taken", key);
    if (this.#isOver) return;
    this.#inputs.set(key, checked(key, input));
    if (input instanceof AbortSignal) input.addEventListener("abort", this.#onAbort);
    this.#leave.abort();
  }

  /** One input less; false if there is none of that key. */
  remove(key: string | number): boolean {
    const input = this.#inputs.get(key);
    if (!this.#inputs.delete(key)) return false;
    if (input instanceof AbortSignal && ![...this.#inputs.values()].includes(input)) input.removeEventListener("abort", this.#onAbort);
    this.#leave.abort();
    return true;
  }

  /** Waits no more: everything is unsubscribed, `done` rejects with an AbortError, unless it has fired by then. Second call: nothing. */
  stop(reason?: unknown): void {
    this.#stopped ??= { reason };
    this.#leave.abort();
  }

  readonly #onOuter = (): void => this.stop(this.#outer!.reason);

  readonly #onAbort = (): void => this.#leave.abort();

  /** Decides alone: what the select has taken when something else ends it is not lost. */
  async #wait(): Promise<void> {
    while (!this.#isOver) {
      const aborted = this.#aborted();
      if (aborted) return this.#win(aborted);
      if (this.#stopped) return this.#fail(endError(this.#stopped.reason));
      this.#leave = new AbortController();
      const arms = this.#arms();
      try {
        const inputs = arms.map(([, input]) => (input instanceof Context ? input.done : input));
        const chosen = await select(inputs, { signal: this.#leave.signal });
        this.#win(firedBy(arms[chosen.case]!, chosen.value));
      } catch (error) {
        if (!this.#leave.signal.aborted) this.#fail(error);
      }
    }
  }

  #aborted(): Fired | undefined {
    for (const [key, input] of this.#inputs) {
      if (input instanceof AbortSignal && input.aborted) return { case: key, why: "aborted", value: input.reason };
      if (input instanceof Context && input.cancelled) return { case: key, why: "aborted", value: input.cause };
    }
    return undefined;
  }

  /** What a select can wait for, each once. */
  #arms(): [string | number, Waited][] {
    const seen = new Set<unknown>();
    const arms: [string | number, Waited][] = [];
    for (const [key, input] of this.#inputs) {
      if (input === undefined || input === null || input instanceof AbortSignal) continue;
      const identity = input instanceof Channel || input instanceof Receiver ? input.ring.handle : input;
      if (seen.has(identity)) continue;
      seen.add(identity);
      arms.push([key, input]);
    }
    return arms;
  }

  #win(fired: Fired): void {
    this.#outcome = fired;
    this.#end(fired);
    this.#settle.resolve(fired);
  }

  #fail(error: unknown): void {
    this.#end(error);
    this.#settle.reject(error);
  }

  #end(reason: unknown): void {
    this.#isOver = true;
    for (const input of this.#inputs.values()) if (input instanceof AbortSignal) input.removeEventListener("abort", this.#onAbort);
    this.#outer?.removeEventListener("abort", this.#onOuter);
    this.#fired.abort(reason);
  }
}

function checked(key: string | number, input: OrInput): OrInput {
  const isInput =
    input === undefined ||
    input === null ||
    input instanceof Channel ||
    input instanceof Receiver ||
    input instanceof Timer ||
    input instanceof Context ||
    input instanceof AbortSignal;
  if (!isInput) throw invalidArg(`or: input ${key}`, "a channel, a receiver, a timer, a Context, an AbortSignal or undefined", input);
  return input;
}

function firedBy([key, input]: readonly [string | number, OrInput], value: unknown): Fired {
  if (input instanceof Timer) return { case: key, why: "time", value };
  if (input instanceof Context) return { case: key, why: "aborted", value: input.cause };
  return value === CLOSED ? { case: key, why: "closed", value: undefined } : { case: key, why: "value", value };
}
