// A desk: a thread's place in a pool, as the pool knows it. Calls are sent ahead to its inbox, claimed there one by one, and answered in that order.
//
// States   OPENING (the thread sets itself up) → OPEN → LEAVING (gets no more calls; its inbox is closed) → GONE
// Invariants
//   1. `#calls` are those sent and neither answered nor taken back, in the order of their tickets; the thread runs the first of them or is about to.
//   2. While there is any, and while it is OPENING, the pool listens for answers: that, and nothing else, keeps the process alive.
// Crash    everything answered before the death is in `answers`; of what is left the first is lost if it was claimed, the others were never begun.

import { bytes, Channel, CLOSED, closeOnce, EMPTY } from "../../runtime/channel/index.ts";
import { now } from "../../runtime/clock.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import { AtomicInt } from "../../runtime/sync/index.ts";
import { together } from "../../runtime/together.ts";
import { FIRST_TICKET, isBefore, lastClaimed, takeBack, ticketAfter, UNCLAIMED } from "./claims.ts";
import type { MessageWriter } from "./message-writer.ts";
import { ENDED, type PoolCall, SENT, type Seat } from "./pool-call.ts";
import { ANSWERS, type Answer, answer, HEAP, MOST_AHEAD, READY } from "./wire.ts";

export type DeskState = "opening" | "open" | "leaving" | "gone";

/** Work that is sent ahead of an answer: what takes longer waits in the pool, where it can go to whoever is free. */
const AHEAD_US = 500;

export interface DeskHooks {
  onReady(desk: Desk): void;
  onHeap(desk: Desk, bytes: number): void;
  onAnswer(desk: Desk, call: PoolCall, answer: Answer, nowMs: number): void;
  /** A batch of answers was taken in. */
  onAnswers(desk: Desk): void;
  /** Its thread has ended. */
  onEnd(desk: Desk, left: Left): void;
}

/** What a thread leaves undone: calls it had begun, calls it had not, oldest first; and of what it died. */
export interface Left {
  readonly lost: readonly PoolCall[];
  readonly unbegun: readonly PoolCall[];
  readonly failure: { readonly error: unknown } | undefined;
}

export class Desk implements Seat {
  readonly lane: string | undefined;
  readonly inbox: Channel<Uint8Array>;
  readonly answers: Channel<Answer>;
  readonly values: Channel<Uint8Array>;
  readonly claims: AtomicInt;
  readonly openedAtMs: number;
  readonly #hooks: DeskHooks;
  readonly #mostCalls: number;
  state: DeskState = "opening";
  /** Node's id of the thread; 0 before it is known, and without threads. */
  threadId = 0;
  /** Calls it has answered. */
  answered = 0;
  /** When the call it runs became the first, as far as the pool can tell: not before that. */
  firstSinceMs = 0;
  /** Not to be asked before that whether its call has run too long. */
  lookAgainMs = 0;
  /** Its lane has no call now. */
  isPassedOver = false;
  /** Functions the thread has heard of. */
  #known = 0;
  #unsent = 0;
  #calls: PoolCall[] = [];
  #first = 0;
  #next = FIRST_TICKET;
  #expectedUs = 0;
  #isInboxFull = false;
  #isListening = false;
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;

  /** `lane`: the only one it serves; `mostCalls`: so many and no more. Throws: ERR_HEAP_EXHAUSTED. */
  constructor(thread: Thread, lane: string | undefined, mostCalls: number, hooks: DeskHooks) {
    this.lane = lane;
    this.#mostCalls = mostCalls;
    this.openedAtMs = now();
    this.#hooks = hooks;
    const declared = { ends: "one-to-one" } as const;
    const made = together((own) => ({
      inbox: own(Channel.make(thread, bytes, ANSWERS, declared)),
      answers: own(Channel.make(thread, answer, ANSWERS, declared)),
      values: own(Channel.make(thread, bytes, ANSWERS, declared)),
      claims: AtomicInt.make(thread, UNCLAIMED),
    }));
    this.inbox = made.inbox;
    this.answers = made.answers;
    this.values = made.values;
    this.claims = made.claims;
    this.listen();
  }

  /** Calls it has. */
  get length(): number {
    return this.#calls.length - this.#first;
  }

  /** What it runs, or is about to. */
  get first(): PoolCall | undefined {
    return this.#calls[this.#first];
  }

  /** One more call may be sent to it now, as far as its inbox goes by the last look(). */
  get hasRoom(): boolean {
    if (this.state !== "open" || this.#isInboxFull) return false;
    const { length } = this;
    if (this.answered + length >= this.#mostCalls) return false;
    return length === 0 || (this.#expectedUs < AHEAD_US && length < MOST_AHEAD);
  }

  /** It is free, and its inbox full of calls that were taken back: the thread does something else, and no answer will tell when it has read them. */
  get isClogged(): boolean {
    return this.#isInboxFull && this.state === "open" && this.length === 0;
  }

  /** Looks whether its inbox has room for what is sent in one turn: once a turn, for the thread writes there too. */
  look(): void {
    this.#isInboxFull = this.inbox.length >= MOST_AHEAD;
  }

  /** When the call it runs has run too long, Infinity for never. */
  get runDueMs(): number {
    const { first } = this;
    if (first === undefined || first.state === ENDED) return Number.POSITIVE_INFINITY;
    const limitMs = first.settings.runTimeoutMs;
    return Math.max(this.firstSinceMs + limitMs, this.lookAgainMs);
  }

  /** Work it has, as far as that is known. */
  get expectedUs(): number {
    return this.#expectedUs;
  }

  /** It has done what it is to do. */
  get isUsedUp(): boolean {
    return this.answered >= this.#mostCalls;
  }

  /** Makes a call the last of its own; send() then sends all that are new. */
  add(call: PoolCall, nowMs: number): void {
    call.state = SENT;
    call.desk = this;
    call.ticket = this.#next;
    this.#next = ticketAfter(this.#next);
    call.expectedUs = call.fn.expectedUs;
    this.#expectedUs += call.expectedUs;
    if (this.length === 0) this.firstSinceMs = nowMs;
    this.#calls.push(call);
    this.#unsent++;
  }

  /** Sends what was added, with the names of functions the thread has not heard of. Throws: ERR_HEAP_EXHAUSTED; the calls are to be taken back then. */
  send(writer: MessageWriter, names: readonly string[]): void {
    if (this.#unsent === 0) return;
    writer.begin(names, this.#known);
    for (let i = this.#calls.length - this.#unsent; i < this.#calls.length; i++) writer.add(this.#calls[i]!);
    if (!this.inbox.trySend(writer.message)) throw new Error(`expected room in an inbox of ${this.inbox.capacity}`);
    this.#unsent = 0;
    this.#known = names.length;
    this.listen();
  }

  /** Takes back what send() could not send, oldest first. */
  unsend(): PoolCall[] {
    const calls = this.#calls.splice(this.#calls.length - this.#unsent);
    this.#unsent = 0;
    for (const call of calls) {
      call.desk = undefined;
      this.#expectedUs -= call.expectedUs;
    }
    if (this.length === 0) this.#expectedUs = 0;
    return calls;
  }

  listen(): void {
    if (this.#isListening || this.state === "gone") return;
    this.#isListening = true;
    this.answers.recvMany(ANSWERS).then(this.#onAnswers, this.#onSilence);
  }

  readonly #onAnswers = (answers: Answer[] | typeof CLOSED): void => {
    this.#isListening = false;
    if (answers === CLOSED) {
      this.#end();
      return;
    }
    const nowMs = now();
    for (const one of answers) this.#take(one, nowMs);
    this.firstSinceMs = nowMs;
    this.#hooks.onAnswers(this);
    if (this.length > 0 || this.state === "opening" || this.#isOver) this.listen();
  };

  /** The runtime was closed: nothing more will be heard. */
  readonly #onSilence = (): void => {
    this.#isListening = false;
    this.#end();
  };

  #take(one: Answer, nowMs: number): void {
    if (one.kind === READY) {
      this.threadId = one.value;
      if (this.state === "opening") this.state = "open";
      this.#hooks.onReady(this);
    } else if (one.kind === HEAP) this.#hooks.onHeap(this, one.value);
    else {
      const call = this.#shift();
      this.answered++;
      this.#hooks.onAnswer(this, call, one, nowMs);
    }
  }

  #shift(): PoolCall {
    const call = this.#calls[this.#first]!;
    this.#calls[this.#first] = undefined as never;
    this.#first++;
    if (this.#first === this.#calls.length) {
      this.#calls.length = 0;
      this.#first = 0;
      this.#expectedUs = 0;
    } else this.#expectedUs -= call.expectedUs;
    call.desk = undefined;
    return call;
  }

  /** The value that an answer refers to. */
  value(): Uint8Array {
    const value = this.values.tryRecv();
    if (value === EMPTY || value === CLOSED) throw new Error("expected the value of an answer, and there is none");
    return value;
  }

  /** Takes back all calls the thread has not claimed, oldest first; they are its no more. */
  takeBack(): PoolCall[] {
    return this.#removeAfter(takeBack(this.claims, this.#next));
  }

  #removeAfter(claimed: number): PoolCall[] {
    const calls: PoolCall[] = [];
    while (this.length > 0 && isBefore(claimed, this.#calls.at(-1)!.ticket)) {
      const call = this.#calls.pop()!;
      call.desk = undefined;
      this.#expectedUs -= call.expectedUs;
      calls.push(call);
    }
    if (this.length === 0) {
      this.#calls.length = 0;
      this.#first = 0;
      this.#expectedUs = 0;
    }
    return calls.reverse();
  }

  /** The thread runs this call, or has just ended it; with takeBack() before, it runs no other meanwhile. */
  isAt(call: PoolCall): boolean {
    return call.desk === this && lastClaimed(this.claims) === call.ticket;
  }

  /** Gets no more calls; ends once it has worked off what it has. */
  leave(): void {
    if (this.state === "gone") return;
    this.state = "leaving";
    closeOnce(this.inbox);
  }

  /** The thread has ended: what it has answered is heard to its end. */
  over(failure: { readonly error: unknown } | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = failure;
    this.state = "leaving";
    this.answers.ring.close(); // its declared sender is the thread
    this.listen();
  }

  #end(): void {
    if (this.state === "gone") return;
    this.state = "gone";
    const unbegun = this.#removeAfter(lastClaimed(this.claims));
    const lost: PoolCall[] = [];
    while (this.length > 0) lost.push(this.#shift());
    for (const channel of [this.inbox, this.answers, this.values]) channel[Symbol.dispose]();
    this.#hooks.onEnd(this, { lost, unbegun, failure: this.#failure });
  }
}
