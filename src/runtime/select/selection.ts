// A select whose cases must be prepared: nodes for every case, tried, linked, taken back. The three passes are told in select.ts.
//
// The operation's own node carries one case; every other case borrows the node of another operation of this thread, so what a dying thread leaves is
// found where it always is.

import { now, random } from "../clock.ts";
import type { WaitOptions } from "../deadline.ts";
import { HeddleError, invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import { CASE, CASES, type Case, type HasCase, type HasCases, type Operation } from "../operation/operation.ts";
import type { Alarm } from "../operation/wait.ts";
import { never, Timer } from "../timers.ts";

/** A channel or receiver (receive), sender.sending(value) (send), a timer, the end of a context (ctx.done), or undefined and null: a disabled case, which never happens. */
export type SelectCase = HasCase<unknown> | HasCases<unknown> | Timer | undefined | null;

/** Cases by name, or as a list: select() answers the name or the place of the one that happened. */
export type SelectCases = Readonly<Record<string, SelectCase>> | readonly SelectCase[];

/** Options of select(). */
export interface SelectOptions extends WaitOptions {
  /** Which of several ready cases: 'random', each as likely (default, as in Go), or 'priority', the first in the order written. */
  order?: "random" | "priority";
  /** @internal It does not keep the process alive. */
  isBackground?: boolean;
}

interface Arm {
  readonly key: string | number;
  readonly channel: Case<unknown> | undefined;
  readonly timer: Timer | undefined;
  /** Another case is the same direction of the same channel: tried, and never linked beside it. */
  readonly isDouble: boolean;
  node: number;
  isLinked: boolean;
}

const NO_CASE = -1;

export class Selection {
  readonly #arms: Arm[] = [];
  readonly #borrowed: Op[] = [];
  #chosen = NO_CASE;
  #instant = 0;

  readonly #isTried: boolean;

  /** `isTried`: pass 1 is over. */
  constructor(cases: SelectCases, order: SelectOptions["order"] = "random", isTried = false) {
    if (typeof cases !== "object" || cases === null) throw invalidArg("select: cases", "an object or a list of cases", cases);
    if (order !== "random" && order !== "priority") throw invalidArg("select: order", "'random' or 'priority'", order);
    this.#isTried = isTried;
    const isList = Array.isArray(cases);
    const seen = new Set<number>();
    const entries = Object.entries(cases as Record<string, SelectCase>);
    if (order === "random") shuffle(entries);
    for (const [name, value] of entries) {
      if (value === undefined || value === null) continue;
      const key = isList ? Number(name) : name;
      const inner = (value as Partial<HasCases<unknown>>)[CASES]?.();
      for (const one of inner ?? [value]) this.#add(key, name, one, seen);
    }
  }

  #add(key: string | number, name: string, value: unknown, seen: Set<number>): void {
    const timer = value instanceof Timer ? value : undefined;
    const channel = timer ? undefined : caseOf(name, value);
    if (channel && this.thread && this.thread.heap !== channel.thread.heap) {
      throw new HeddleError("ERR_FOREIGN_HANDLE", "expected the channels of a select to be of one runtime");
    }
    const isDouble = channel !== undefined && seen.has(channel.key);
    if (channel) seen.add(channel.key);
    this.#arms.push({ key, channel, timer, isDouble, node: 0, isLinked: false });
  }

  /** Undefined when there are only timers. */
  get thread(): Thread | undefined {
    return this.#arms.find((arm) => arm.channel)?.channel?.thread;
  }

  /** The operation, and a node for every channel case. */
  primary(thread: Thread): Op {
    const primary = thread.ops.acquire();
    let carrier: Op | undefined = primary;
    try {
      for (const [index, arm] of this.#arms.entries()) {
        if (!arm.channel) continue;
        carrier ??= this.#borrow(thread, primary);
        arm.channel.prepare(carrier, index);
        arm.node = carrier.node;
        carrier = undefined;
      }
    } catch (error) {
      this.withdraw();
      thread.ops.release(primary);
      throw error;
    }
    return primary;
  }

  #borrow(thread: Thread, primary: Op): Op {
    const op = thread.ops.acquire();
    op.lend(primary);
    this.#borrowed.push(op);
    return op;
  }

  operation(thread: Thread, isBackground = false): Operation {
    return { thread, what: "select", isBackground, start: (op, mode) => this.start(op, mode), withdraw: () => this.withdraw() };
  }

  start(_op: Op, mode: number): number {
    if (!this.#isTried) {
      const status = this.#tryAll();
      if (status !== L.BLOCK) return status;
    }
    if (mode === 0) return L.BLOCK;
    let link = L.LINK;
    for (const [index, arm] of this.#arms.entries()) {
      if (!arm.channel || arm.isDouble) continue;
      const status = arm.channel.attempt(arm.node, link);
      if (status === L.FIRED) return L.PARKED; // a peer was faster: the ready list brings its case
      if (status !== L.PARKED) return this.#choose(index, 0, status);
      arm.isLinked = true;
      link = L.LINK | L.VISIBLE;
    }
    return L.PARKED;
  }

  #tryAll(): number {
    for (const [index, arm] of this.#arms.entries()) {
      if (arm.timer && arm.timer.dueMs <= now()) return this.#choose(index, arm.timer.take(), L.OK);
      const status = arm.channel?.attempt(arm.node, 0) ?? L.BLOCK;
      if (status !== L.BLOCK) return this.#choose(index, 0, status);
    }
    return L.BLOCK;
  }

  #choose(index: number, instant: number, status: number): number {
    this.#chosen = index;
    this.#instant = instant;
    return status;
  }

  /** No case happened: unlinks what is linked, forgets what was to be sent, gives the borrowed operations back. */
  withdraw(): void {
    this.#unlink();
    for (const arm of this.#arms) arm.channel?.abandon();
    this.#giveBack();
  }

  #unlink(): void {
    for (const arm of this.#arms) {
      if (arm.isLinked) arm.channel!.withdraw(arm.node);
      arm.isLinked = false;
    }
  }

  #giveBack(): void {
    for (const op of this.#borrowed) {
      op.unlend();
      this.thread!.ops.release(op);
    }
    this.#borrowed.length = 0;
  }

  finish(status: number, op: Op): unknown {
    const chosen = this.#arms[this.#chosen === NO_CASE ? op.firedCase : this.#chosen]!;
    this.#unlink();
    for (const arm of this.#arms) if (arm !== chosen) arm.channel?.abandon();
    try {
      return { case: chosen.key, value: chosen.channel ? chosen.channel.finish(status, op) : this.#instant };
    } finally {
      this.#giveBack();
    }
  }

  soonest(): Timer {
    const timers = this.#arms.flatMap((arm) => arm.timer ?? []);
    return timers.reduce((a, b) => (b.dueMs < a.dueMs ? b : a), never());
  }

  /** What happens when the soonest timer falls due before any channel is ready. */
  alarm(): Alarm<unknown> {
    const timer = this.soonest();
    return { dueMs: timer.dueMs, take: () => ({ case: this.#keyOf(timer), value: timer.take() }) };
  }

  async onlyTimers(options: WaitOptions | undefined): Promise<unknown> {
    const timer = this.soonest();
    return { case: this.#keyOf(timer), value: await timer.recv(options) };
  }

  #keyOf(timer: Timer): string | number | undefined {
    return this.#arms.find((arm) => arm.timer === timer)?.key;
  }

  takeDue(): unknown {
    const arm = this.#arms.find((one) => one.timer && one.timer.dueMs <= now());
    return arm && { case: arm.key, value: arm.timer!.take() };
  }
}

function caseOf(name: string, value: unknown): Case<unknown> {
  const make = (value as Partial<HasCase<unknown>>)[CASE];
  if (typeof make !== "function")
    throw invalidArg(`select: case ${name}`, "a channel, a receiver, sender.sending(value), a timer or undefined", value);
  return make.call(value);
}

function shuffle<T>(list: T[]): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = list[i]!;
    list[i] = list[j]!;
    list[j] = kept;
  }
}
