// Go's sync primitives as a plain single-threaded model, for tests that compare: who holds what and who waits for what, nothing shared with src.
//
// Model    every primitive has shares that tasks hold and a queue of tasks that wait, oldest first. A mutex has one share, a read-write mutex so many that
//          a writer takes all; a wait group's count is what is held or was added; a signal of a condition is a share that one who waits there takes.
// Rules    who asks is refused (closed, abandoned), has it at once (it is there and nobody waits), or waits
//          the oldest is served when what it asked for is there, when it is let through (a count at zero, a broadcast, a full barrier), or is refused
//          shares of the dead come back after their exit: a lock held alone is abandoned, a signal goes to the next
//          a party that dies at a barrier breaks it for those who wait there
// Who gives something back serves one; `serve` goes on with the others, one a call, so that a caller can die in between.

export type SyncOf =
  | { readonly kind: "mutex" | "rwMutex" | "waitGroup" | "once" | "int" | "flag" | "float" }
  | { readonly kind: "semaphore"; readonly permits: number }
  | { readonly kind: "barrier"; readonly parties: number }
  | { readonly kind: "cond"; readonly lock: number };

/** Every share of a read-write mutex; no program has as many readers. */
export const ALL = 1_000;

export type SyncOutcome = "ok" | "last" | "none" | "closed" | "abandoned";

/** What is asked for: so many shares, to be held or only to be there. */
export interface Ask {
  readonly shares: number;
  readonly isTry?: boolean;
  readonly isKept?: boolean;
  /** An abandoned lock is welcome too. */
  readonly recovers?: boolean;
}

interface Waiter extends Ask {
  readonly task: number;
  /** Goes on whatever is free. */
  isLet: boolean;
  /** Its thread was retired: nobody waits with it. */
  isGone: boolean;
}

interface Model {
  readonly of: SyncOf;
  holds: { readonly task: number; readonly shares: number }[];
  queue: Waiter[];
  /** A wait group: what was added; a condition: signals on their way; a number: its value. */
  count: number;
  isClosed: boolean;
  isAbandoned: boolean;
}

export class SyncOracle {
  readonly #models: Model[];
  /** By task and primitive: what its wait came to. */
  readonly #outcomes = new Map<string, SyncOutcome>();

  constructor(syncs: readonly SyncOf[]) {
    this.#models = syncs.map((of) => ({ of, holds: [], queue: [], count: 0, isClosed: false, isAbandoned: false }));
  }

  copy(): SyncOracle {
    const copy = new SyncOracle([]);
    for (const model of this.#models)
      copy.#models.push({ ...model, holds: [...model.holds], queue: model.queue.map((waiter) => ({ ...waiter })) });
    for (const [key, outcome] of this.#outcomes) copy.#outcomes.set(key, outcome);
    return copy;
  }

  get key(): string {
    const models = this.#models.map(({ holds, queue, count, isClosed, isAbandoned }) => [
      holds.map(({ task, shares }) => `${task}.${shares}`),
      queue.map(({ task, isLet, isGone }) => `${task}${isLet ? "l" : ""}${isGone ? "g" : ""}`),
      count,
      isClosed,
      isAbandoned,
    ]);
    return JSON.stringify([models, [...this.#outcomes]]);
  }

  #free({ of, holds, count }: Model): number {
    const held = holds.reduce((sum, { shares }) => sum + shares, 0);
    if (of.kind === "cond") return count;
    if (of.kind === "waitGroup") return ALL - held - count;
    return (of.kind === "semaphore" ? of.permits : of.kind === "rwMutex" ? ALL : 1) - held;
  }

  #refusal({ isClosed, isAbandoned }: Model, { recovers }: Ask): "closed" | "abandoned" | undefined {
    return isClosed ? "closed" : isAbandoned && !recovers ? "abandoned" : undefined;
  }

  /** Asks for shares: what comes of it, or "waits". */
  ask(task: number, at: number, ask: Ask): SyncOutcome | "waits" {
    const model = this.#models[at]!;
    const refusal = this.#refusal(model, ask);
    if (refusal) return refusal;
    const { of, queue } = model;
    if (of.kind === "barrier" && queue.filter(({ isLet }) => !isLet).length + 1 === of.parties) {
      this.#letAll(model);
      return "last";
    }
    const isFirst = queue.length === 0 || of.kind === "waitGroup";
    if (of.kind !== "barrier" && of.kind !== "cond" && isFirst && ask.shares <= this.#free(model)) {
      this.#grant(model, task, ask);
      return "ok";
    }
    if (ask.isTry) return "none";
    queue.push({ ...ask, task, isLet: false, isGone: false });
    return "waits";
  }

  #grant(model: Model, task: number, { shares, isKept, recovers }: Ask): void {
    if (recovers) model.isAbandoned = false;
    if (model.of.kind === "cond") model.count--;
    if (isKept) model.holds.push({ task, shares });
  }

  #letAll({ queue }: Model): void {
    for (const waiter of queue) waiter.isLet = true;
  }

  /** The oldest need not wait any longer. */
  isServable(at: number): boolean {
    const model = this.#models[at]!;
    const [first] = model.queue;
    if (!first) return false;
    const isThere = model.of.kind !== "barrier" && first.shares <= this.#free(model);
    return first.isLet || isThere || this.#refusal(model, first) !== undefined;
  }

  /** Serves the oldest, if it need not wait any longer. */
  serve(at: number): void {
    if (!this.isServable(at)) return;
    const model = this.#models[at]!;
    const first = model.queue.shift()!;
    const refusal = this.#refusal(model, first);
    if (first.isGone) this.#breakBarrier(model, first);
    else {
      if (!refusal && !first.isLet) this.#grant(model, first.task, first);
      this.#outcomes.set(keyOf(first.task, at), refusal ?? "ok");
    }
    this.#settle(model);
  }

  #breakBarrier(model: Model, { isLet, isGone }: Waiter): void {
    if (model.of.kind === "barrier" && isGone && !isLet) model.isAbandoned = true;
  }

  #settle(model: Model): void {
    if (model.queue.length > 0) return;
    if (model.of.kind === "cond") model.count = 0; // a signal for nobody
    if (model.of.kind === "barrier") model.isAbandoned = false; // all were told
  }

  isWaiting(task: number, at: number): boolean {
    return this.#models[at]!.queue.some((waiter) => waiter.task === task);
  }

  /** What a wait came to, once. */
  takeOutcome(task: number, at: number): SyncOutcome | undefined {
    const outcome = this.#outcomes.get(keyOf(task, at));
    this.#outcomes.delete(keyOf(task, at));
    return outcome;
  }

  /** The task gives its wait up; false if it does not wait. */
  leave(task: number, at: number): boolean {
    const model = this.#models[at]!;
    const index = model.queue.findIndex((waiter) => waiter.task === task);
    if (index < 0) return false;
    const [waiter] = model.queue.splice(index, 1);
    this.#breakBarrier(model, waiter!);
    this.#settle(model);
    this.serve(at);
    return true;
  }

  isHeldBy(task: number, at: number): boolean {
    return this.#models[at]!.holds.some((hold) => hold.task === task);
  }

  /** Gives back what the task has held longest; `isDead`: after its exit; `isUsedUp`: the shares do not return. False if it holds nothing. */
  giveBack(task: number, at: number, { isDead = false, isUsedUp = false } = {}): boolean {
    const model = this.#models[at]!;
    const index = model.holds.findIndex((hold) => hold.task === task);
    if (index < 0) return false;
    const [hold] = model.holds.splice(index, 1);
    const { kind } = model.of;
    if (kind === "cond" && !isUsedUp) model.count++;
    const isAlone = kind === "mutex" || kind === "once" || (kind === "rwMutex" && hold!.shares === ALL);
    if (isDead && isAlone) model.isAbandoned = true;
    if (kind === "waitGroup" && this.#free(model) === ALL) this.#letAll(model);
    this.serve(at);
    this.#settle(model);
    return true;
  }

  /** Adds to a wait group's count: "none" if it would fall below zero. */
  add(at: number, n: number): SyncOutcome {
    const model = this.#models[at]!;
    if (model.isClosed) return "closed";
    if (this.#free(model) - n > ALL) return "none";
    model.count += n;
    if (n < 0 && this.#free(model) === ALL) this.#letAll(model);
    this.serve(at);
    return "ok";
  }

  signal(at: number, isAll: boolean): SyncOutcome {
    const model = this.#models[at]!;
    if (model.isClosed) return "closed";
    if (isAll) this.#letAll(model);
    else model.count++;
    this.serve(at);
    this.#settle(model);
    return "ok";
  }

  /** "closed" if it was. */
  close(at: number): SyncOutcome {
    const model = this.#models[at]!;
    if (model.isClosed) return "closed";
    model.isClosed = true;
    this.serve(at);
    this.#settle(model);
    return "ok";
  }

  /** Changes a number; its value before, or "closed". */
  change(at: number, what: "load" | "store" | "add" | "compare", a: number, b: number): number | "closed" {
    const model = this.#models[at]!;
    const before = model.count;
    if (model.isClosed) return "closed";
    if (what === "store") model.count = a;
    else if (what === "add") model.count += a;
    else if (what === "compare" && before === a) model.count = b;
    return before;
  }

  /** Nobody waits with this task any more. */
  retire(task: number): void {
    for (const { queue } of this.#models) for (const waiter of queue) if (waiter.task === task) waiter.isGone = true;
  }

  /** Where a retired task still stands in a queue, and conditions at which somebody waits though the lock is abandoned: all must hear of it. */
  get debts(): { readonly ghosts: { task: number; at: number }[]; readonly alarms: number[] } {
    const ghosts = this.#models.flatMap(({ queue }, at) => queue.filter(({ isGone }) => isGone).map(({ task }) => ({ task, at })));
    const isAlarmed = ({ of, queue }: Model) => of.kind === "cond" && queue.length > 0 && this.#models[of.lock]!.isAbandoned;
    return { ghosts, alarms: [...this.#models.keys()].filter((at) => isAlarmed(this.#models[at]!)) };
  }

  /** Conditions whose lock is closed: after a death those who wait there may be told. */
  get mayAlarm(): number[] {
    const isCond = ({ of, queue }: Model) => of.kind === "cond" && queue.length > 0 && this.#models[of.lock]!.isClosed;
    return [...this.#models.keys()].filter((at) => isCond(this.#models[at]!));
  }

  get count(): number {
    return this.#models.length;
  }
}

const keyOf = (task: number, at: number) => `${task}.${at}`;
