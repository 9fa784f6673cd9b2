// select: waits for several cases at once; exactly one of them happens. Three passes, as in Go's runtime/select.go:
//
//   1  try every case in random order; the first that is ready is it
//   2  link every case, each in the call that finds it not ready; from the second on the operation is visible to peers, so the call first claims
//      the operation itself (chanOp, VISIBLE): it cannot be completed twice, even by two selects that face each other
//   3  once it is decided, unlink the others
//
// The operation's own node carries one case; every other case borrows the node of another operation of this thread, so what a dying thread leaves is
// found where it always is.

import { deadlineOf, type WaitOptions } from "./deadline.ts";
import { HeddleError, invalidArg } from "./errors.ts";
import * as L from "./memory/layout.ts";
import type { Op } from "./memory/op.ts";
import type { Thread } from "./memory/thread.ts";
import { CASE, type Case, type HasCase, type Operation } from "./operation/operation.ts";
import { type Alarm, waitAsync, waitSync } from "./operation/wait.ts";
import { never, Timer } from "./timers.ts";

/** A channel or receiver (receive), sender.sending(value) (send), a timer, or undefined and null: a disabled case, which never happens. */
export type SelectCase = HasCase<unknown> | Timer | undefined | null;

type ValueOf<C> = C extends HasCase<infer T> ? T : C extends Timer ? number : never;

/** What select answers: the key of the case, and its value (undefined for a send, CLOSED for the end of a channel). */
export type Selected<C> = C extends readonly SelectCase[]
  ? { readonly case: number; readonly value: ValueOf<C[number]> }
  : { [K in keyof C & string]: { readonly case: K; readonly value: ValueOf<C[K]> } }[keyof C & string];

export type SelectCases = Readonly<Record<string, SelectCase>> | readonly SelectCase[];

export interface SelectOptions extends WaitOptions {
  /** Which of several ready cases: 'random', each as likely (default, as in Go), or 'priority', the first in the order written. */
  order?: "random" | "priority";
}

/**
 * Waits until one of the cases can happen and makes exactly that one happen.
 * Waits: this promise. Ends with a case, signal or timeout. With no case that could ever happen it waits until those.
 * Threads: any; the channels must be of one runtime. Order: see SelectOptions; a channel named twice in one direction counts once.
 * Throws (rejects): ChannelClosedError when the case is a send on a closed channel, AbortError, TimeoutError, ERR_INVALID_ARG, ERR_FOREIGN_HANDLE.
 * Cost: linear in the cases: one transition each when one is ready, three when it must wait. See: Go spec, "Select statements".
 */
export async function select<const C extends SelectCases>(cases: C, options?: SelectOptions): Promise<Selected<C>> {
  if (options !== undefined) deadlineOf("select", options);
  const selection = new Selection(cases, options?.order);
  const { thread } = selection;
  if (!thread) return selection.onlyTimers(options) as Promise<Selected<C>>;
  const done = (status: number, op: Op) => selection.finish(status, op) as Selected<C>;
  return waitAsync(selection.operation(thread), selection.primary(thread), options, done, selection.alarm() as Alarm<Selected<C>>);
}

/** The same, blocking this thread. Throws also ERR_WOULD_BLOCK_SUPERVISOR and ERR_WOULD_DEADLOCK, if it would have to wait there. */
export function selectSync<const C extends SelectCases>(cases: C, options?: SelectOptions): Selected<C> {
  if (options !== undefined) deadlineOf("selectSync", options);
  const selection = new Selection(cases, options?.order);
  const { thread } = selection;
  if (!thread) throw invalidArg("selectSync: cases", "at least one channel", cases);
  const done = (status: number, op: Op) => selection.finish(status, op) as Selected<C>;
  return waitSync(selection.operation(thread), selection.primary(thread), options, done, selection.alarm() as Alarm<Selected<C>>);
}

/** The case that is ready now, or undefined: select with a default. Waits: never. */
export function trySelect<const C extends SelectCases>(cases: C, options?: Pick<SelectOptions, "order">): Selected<C> | undefined {
  const selection = new Selection(cases, options?.order);
  const { thread } = selection;
  if (!thread) return selection.takeDue() as Selected<C> | undefined;
  const op = selection.primary(thread);
  try {
    const status = selection.start(op, 0);
    if (status !== L.BLOCK) return selection.finish(status, op) as Selected<C>;
    selection.withdraw();
    return undefined;
  } finally {
    thread.ops.release(op);
  }
}

interface Arm {
  readonly key: string | number;
  readonly channel: Case<unknown> | undefined;
  readonly timer: Timer | undefined;
  node: number;
  isLinked: boolean;
}

const NO_CASE = -1;

class Selection {
  readonly #arms: Arm[] = [];
  readonly #borrowed: Op[] = [];
  #chosen = NO_CASE;
  #instant = 0;

  constructor(cases: SelectCases, order: SelectOptions["order"] = "random") {
    if (typeof cases !== "object" || cases === null) throw invalidArg("select: cases", "an object or a list of cases", cases);
    if (order !== "random" && order !== "priority") throw invalidArg("select: order", "'random' or 'priority'", order);
    const isList = Array.isArray(cases);
    const seen = new Set<number>();
    const entries = Object.entries(cases as Record<string, SelectCase>);
    if (order === "random") shuffle(entries);
    for (const [name, value] of entries) {
      if (value === undefined || value === null) continue;
      const key = isList ? Number(name) : name;
      const timer = value instanceof Timer ? value : undefined;
      const channel = timer ? undefined : caseOf(name, value);
      if (channel) {
        if (this.thread && this.thread.heap !== channel.thread.heap) {
          throw new HeddleError("ERR_FOREIGN_HANDLE", "expected the channels of a select to be of one runtime");
        }
        if (seen.has(channel.key)) continue; // of a channel named twice one is kept, at random
        seen.add(channel.key);
      }
      this.#arms.push({ key, channel, timer, node: 0, isLinked: false });
    }
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

  operation(thread: Thread): Operation {
    return { thread, what: "select", start: (op, mode) => this.start(op, mode), withdraw: () => this.withdraw() };
  }

  start(_op: Op, mode: number): number {
    for (const [index, arm] of this.#arms.entries()) {
      if (arm.timer && arm.timer.dueMs <= performance.now()) return this.#choose(index, arm.timer.take(), L.OK);
      const status = arm.channel?.attempt(arm.node, 0) ?? L.BLOCK;
      if (status !== L.BLOCK) return this.#choose(index, 0, status);
    }
    if (mode === 0) return L.BLOCK;
    let link = L.LINK;
    for (const [index, arm] of this.#arms.entries()) {
      if (!arm.channel) continue;
      const status = arm.channel.attempt(arm.node, link);
      if (status === L.FIRED) return L.PARKED; // a peer was faster: the ready list brings its case
      if (status !== L.PARKED) return this.#choose(index, 0, status);
      arm.isLinked = true;
      link = L.LINK | L.VISIBLE;
    }
    return L.PARKED;
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
    const arm = this.#arms.find((one) => one.timer && one.timer.dueMs <= performance.now());
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
    const j = Math.floor(Math.random() * (i + 1));
    const kept = list[i]!;
    list[i] = list[j]!;
    list[j] = kept;
  }
}
