// One of several inputs that are merged: what is there now, and what a wait is for.

import { Channel, CLOSED, EMPTY, Receiver } from "../runtime/channel/index.ts";
import { select } from "../runtime/select/index.ts";
import { DONE, type Input, type Source, sourceOf } from "./source.ts";

export interface Arm<T> {
  /** The next value or the end, if it is there now. */
  poll(): IteratorResult<T, undefined> | undefined;
  /** Asks for the next value ahead, where that is possible without taking it from a channel. */
  ask(): void;
  /** What a select can wait for; an arm without it calls `onReady`, given at its making. */
  readonly receiver: Receiver<T> | undefined;
  stop(): Promise<void>;
}

/** Throws: ERR_INVALID_ARG for what is no input. */
export function armOf<T>(what: string, input: Input<T>, onReady: () => void): Arm<T> {
  if (input instanceof Channel) return receivingArm(input.receiver);
  return input instanceof Receiver ? receivingArm(input) : askingArm(sourceOf(what, input), onReady);
}

function receivingArm<T>(receiver: Receiver<T>): Arm<T> {
  return {
    receiver,
    ask: () => undefined,
    poll() {
      const value = receiver.tryRecv();
      if (value === EMPTY) return undefined;
      return value === CLOSED ? DONE : { value, done: false };
    },
    stop: async () => undefined,
  };
}

/** Of an input that cannot stand in a select one value is asked for ahead. */
function askingArm<T>(source: Source<T>, onReady: () => void): Arm<T> {
  let isAsked = false;
  let got: (() => IteratorResult<T, undefined>) | undefined;
  const settle = (take: () => IteratorResult<T, undefined>) => {
    got = take;
    onReady();
  };
  const fail = (error: unknown) =>
    settle(() => {
      throw error;
    });
  const ask = () => {
    if (isAsked) return;
    isAsked = true;
    try {
      const step = source.next();
      if (step instanceof Promise) step.then((value) => settle(() => value), fail);
      else got = () => step;
    } catch (error) {
      fail(error);
    }
  };
  return {
    receiver: undefined,
    ask,
    poll() {
      ask();
      const take = got;
      if (!take) return undefined;
      got = undefined;
      isAsked = false;
      return take();
    },
    stop: () => source.stop(),
  };
}

/** Arms that take turns, and one wait for all of them. */
export abstract class Merging<T> implements Source<T> {
  protected readonly arms: Arm<T>[] = [];
  #turn = 0;
  #isStopped = false;
  /** Ends the select, while it waits. */
  #leave: AbortController | undefined;

  /** Something that no select waits for is ready. */
  protected readonly wake = (): void => this.#leave?.abort();

  /** Called before the arms are looked at: new ones may be added. Answers whether more may come once there is none left. */
  protected abstract refill(): boolean;

  /** What a select waits for beside the arms; it receives nothing of it by itself. */
  protected abstract readonly more: Receiver<unknown> | undefined;

  /** A value of `more`, or CLOSED. */
  protected abstract onMore(value: unknown): void;

  next(): Promise<IteratorResult<T, undefined>> | IteratorResult<T, undefined> {
    return this.#poll() ?? this.#wait();
  }

  /** What is there now. */
  #poll(): IteratorResult<T, undefined> | undefined {
    for (;;) {
      if (this.#isStopped) return DONE;
      const mayGrow = this.refill();
      const before = this.arms.length;
      for (let tries = before; tries > 0; tries--) {
        this.#turn = (this.#turn + 1) % this.arms.length;
        const step = this.arms[this.#turn]!.poll();
        if (step && !step.done) return step;
        if (step) this.arms.splice(this.#turn--, 1);
      }
      if (this.arms.length === 0 && !mayGrow) return DONE;
      if (this.arms.length === before) return undefined; // else there is room for new ones
    }
  }

  async #wait(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const leave = new AbortController();
      this.#leave = leave;
      const receivers = [this.more, ...this.arms.map((arm) => arm.receiver)];
      try {
        const chosen = await select(receivers, { signal: leave.signal });
        if (chosen.case === 0) this.onMore(chosen.value);
        else if (chosen.value !== CLOSED) return { value: chosen.value as T, done: false };
      } catch (error) {
        if (!leave.signal.aborted) throw error;
      } finally {
        this.#leave = undefined;
      }
      const step = this.#poll();
      if (step) return step;
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.wake();
    await Promise.all(this.arms.map((arm) => arm.stop()));
  }
}
