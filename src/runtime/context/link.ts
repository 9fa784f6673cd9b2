// One cancellable context in the shared heap, as this thread sees it: two channels, so that whatever holds for channels (close wakes everyone, a dead
// thread's close is finished, a stale handle) holds for contexts too.
//
// Memory   done   a rendezvous nobody sends to. Closing it is the cancellation: it is freed at once, and its generation, moved on, is what everybody sees.
//          facts  room for two values that nobody receives: what it is │ why it was cancelled. Its handle is the context's.
// States   active → cancelled (a cause in facts, done closed and freed) → gone (facts drained: the handle is stale, which counts as cancelled)
// Invariants
//   1. The first cause that finds room in facts is the cause; done is closed after that, so whoever sees it closed finds the cause.
//   2. Facts are drained by dispose() alone.
// Ordering  closing done publishes the cause; the load of its generation observes it.
// Crash    between the two steps of a cancel the cause is there and done is open: the context is still active, and whoever cancels it next closes it.

import { Channel, f64, openRing, structured } from "../channel/index.ts";
import { AbortError, ChannelClosedError, TimeoutError } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import type { Guard } from "../operation/guard.ts";

interface Facts {
  /** Handle of the parent's facts, 0 for none. */
  readonly parent: number;
  readonly done: number;
  /** Milliseconds since the epoch, Infinity for none. */
  readonly deadline: number;
}

type Fact = Facts | { readonly cause: unknown };

export class Link {
  readonly thread: Thread;
  readonly parent: Link | undefined;
  /** On performance.now()'s clock of this thread; Infinity for none. */
  readonly deadlineMs: number;
  /** Undefined when the handle was stale already. */
  readonly done: Channel<number> | undefined;
  readonly #facts: Channel<Fact>;

  private constructor(thread: Thread, facts: Channel<Fact>, known: Facts | undefined, parent: Link | undefined) {
    this.thread = thread;
    this.parent = parent;
    this.deadlineMs = known ? known.deadline - performance.timeOrigin : Number.POSITIVE_INFINITY;
    this.done = known && new Channel(openRing(thread, known.done) as Channel<number>["ring"]);
    this.#facts = facts;
  }

  static make(thread: Thread, parent: Link | undefined, deadlineMs: number): Link {
    const done = Channel.make(thread, f64, 0);
    const facts = Channel.make(thread, structured<Fact>(), 2) as Channel<Fact>;
    const known = { parent: parent?.handle ?? 0, done: done.ring.handle, deadline: deadlineMs + performance.timeOrigin };
    facts.trySend(known);
    return new Link(thread, facts, known, parent);
  }

  /** The view of a handle that came from another thread; undefined for none. One that is gone counts as cancelled. */
  static open(thread: Thread, handle: number): Link | undefined {
    if (handle === 0) return undefined;
    const facts = new Channel(openRing(thread, handle)) as Channel<Fact>;
    const known = facts.ring.peek(0) as Facts | undefined;
    return new Link(thread, facts, known, known && Link.open(thread, known.parent));
  }

  get handle(): number {
    return this.#facts.ring.handle;
  }

  /** From the moment done is closed: the waiters that its closing wakes may look before it is freed. */
  get isDone(): boolean {
    return this.done === undefined || this.done.ring.isStale || this.done.ring.isDrained;
  }

  /** Why it is done: what was given to cancel(), a TimeoutError after its deadline. */
  get cause(): unknown {
    const fact = this.#facts.ring.peek(1) as { readonly cause: unknown } | undefined;
    return fact ? fact.cause : new AbortError(undefined);
  }

  /** What a wait links beside its own node. */
  get guard(): Guard | undefined {
    const ring = this.done?.ring;
    if (!ring) return undefined;
    return {
      prepare: (op, index) => ring.prepare(op, L.RECEIVING, 0, index),
      attempt: (node, mode) => ring.attempt(node, mode),
      withdraw: (node) => ring.withdraw(node),
    };
  }

  /** The first cause counts; in a closed runtime there is nothing to end. Throws ERR_UNSENDABLE for a cause that cannot cross threads; it is not cancelled then. */
  cancel(cause: unknown): void {
    if (this.isDone || this.thread.isClosed) return;
    try {
      this.#facts.trySend({ cause });
      this.done!.close();
    } catch (error) {
      if (!(error instanceof ChannelClosedError)) throw error; // somebody was faster
    }
  }

  /** Its deadline has passed. */
  expire(): void {
    this.cancel(new TimeoutError("the context's deadline has passed"));
  }

  /** Cancels it and gives its memory back; views that are left see it cancelled, without its cause. */
  dispose(): void {
    this.cancel(new AbortError(undefined));
    if (this.#facts.ring.isStale || this.thread.isClosed) return;
    try {
      this.#facts.close();
    } catch (error) {
      if (!(error instanceof ChannelClosedError)) throw error; // another dispose
    }
    while (typeof this.#facts.tryRecv() !== "symbol");
  }
}
