// Go's channel semantics as a plain single-threaded model, for tests that compare: a buffer and two waiting queues per channel, nothing shared with src.
//
// Model    a task does one operation at a time: a list of cases, of which one happens. A plain send or receive is a list of one.
// Rules    send: refused if closed · to the first waiting receiver · into the buffer if there is room · else it waits
//          receive: the oldest buffered value, and the first waiting sender's moves in · from the first waiting sender · the end if closed · else it waits
//          close: every waiting receiver sees the end, then every waiting sender is refused
// Where Go leaves the choice open (several ready cases) the caller says which one happened, and `ready` says which could.
// Source   Go spec: "Send statements", "Receive operator", "Select statements", "Close"

/** A case: null is a disabled one. */
export type OracleCase = { readonly channel: number; readonly send?: number } | null;

/** What an operation came to: a received value, "sent", "end" (receive on closed), "refused" (send on closed). */
export interface OracleOutcome {
  /** The cases it may have been: several only if one channel is named more than once in one direction. */
  readonly cases: readonly number[];
  readonly what: number | "sent" | "end" | "refused";
}

interface Waiter {
  readonly task: number;
  readonly cases: readonly OracleCase[];
}

interface Model {
  readonly capacity: number;
  readonly buffer: number[];
  isClosed: boolean;
  receivers: Waiter[];
  senders: Waiter[];
}

export class ChannelOracle {
  readonly #channels: Model[];
  readonly #settled = new Map<number, OracleOutcome>();

  constructor(capacities: readonly number[]) {
    this.#channels = capacities.map((capacity) => ({ capacity, buffer: [], isClosed: false, receivers: [], senders: [] }));
  }

  /** The same state again, to try something on. */
  copy(): ChannelOracle {
    const copy = new ChannelOracle([]);
    for (const { capacity, buffer, isClosed, receivers, senders } of this.#channels)
      copy.#channels.push({ capacity, buffer: [...buffer], isClosed, receivers: [...receivers], senders: [...senders] });
    for (const [task, outcome] of this.#settled) copy.#settled.set(task, outcome);
    return copy;
  }

  /** Equal for equal states, as far as each task waits in the same cases whenever it waits. */
  get key(): string {
    const tasks = (waiters: Waiter[]) => waiters.map(({ task }) => task);
    return JSON.stringify(this.#channels.map((one) => [one.buffer, one.isClosed, tasks(one.receivers), tasks(one.senders)]));
  }

  /** The cases that can happen now. */
  ready(cases: readonly OracleCase[]): number[] {
    return [...cases.keys()].filter((index) => this.#isReady(cases[index]!));
  }

  #isReady(one: OracleCase): boolean {
    if (one === null) return false;
    const { capacity, buffer, isClosed, receivers, senders } = this.#channels[one.channel]!;
    if (isClosed) return true;
    return one.send === undefined ? buffer.length > 0 || senders.length > 0 : receivers.length > 0 || buffer.length < capacity;
  }

  /** Makes a ready case happen. */
  perform(cases: readonly OracleCase[], index: number): OracleOutcome {
    const one = cases[index]!;
    const channel = this.#channels[one.channel]!;
    return { cases: alike(cases, one), what: one.send === undefined ? this.#receive(channel) : this.#send(channel, one.send) };
  }

  #send(channel: Model, value: number): "sent" | "refused" {
    if (channel.isClosed) return "refused";
    const receiver = channel.receivers[0];
    if (receiver) this.#settle(receiver, channel, false, value);
    else channel.buffer.push(value);
    return "sent";
  }

  #receive(channel: Model): number | "end" {
    const sender = channel.senders[0];
    const value = sender && this.#valueOf(sender, channel);
    if (sender) this.#settle(sender, channel, true, "sent");
    if (channel.buffer.length === 0) return value ?? "end";
    if (value !== undefined) channel.buffer.push(value);
    return channel.buffer.shift()!;
  }

  #valueOf(sender: Waiter, channel: Model): number {
    return sender.cases.find((one) => one?.send !== undefined && this.#channels[one.channel] === channel)!.send!;
  }

  /** None of the cases is ready: the task waits in all of them. */
  wait(task: number, cases: readonly OracleCase[]): void {
    const waiter = { task, cases };
    for (const one of cases) {
      if (one === null) continue;
      const channel = this.#channels[one.channel]!;
      const queue = one.send === undefined ? channel.receivers : channel.senders;
      if (!queue.includes(waiter)) queue.push(waiter);
    }
  }

  /** The task gives its wait up. */
  cancel(task: number): void {
    for (const channel of this.#channels) {
      channel.receivers = channel.receivers.filter((waiter) => waiter.task !== task);
      channel.senders = channel.senders.filter((waiter) => waiter.task !== task);
    }
  }

  /** False if it was closed already. */
  close(index: number): boolean {
    const channel = this.#channels[index]!;
    if (channel.isClosed) return false;
    channel.isClosed = true;
    while (channel.receivers[0]) this.#settle(channel.receivers[0], channel, false, "end");
    while (channel.senders[0]) this.#settle(channel.senders[0], channel, true, "refused");
    return true;
  }

  #settle(waiter: Waiter, channel: Model, isSend: boolean, what: OracleOutcome["what"]): void {
    const { task, cases } = waiter;
    const one = cases.find((each) => each && this.#channels[each.channel] === channel && (each.send !== undefined) === isSend)!;
    this.cancel(task);
    this.#settled.set(task, { cases: alike(cases, one), what });
  }

  /** The waiting tasks that have been served since the last call. */
  takeSettled(): Map<number, OracleOutcome> {
    const settled = new Map(this.#settled);
    this.#settled.clear();
    return settled;
  }

  isClosed(index: number): boolean {
    return this.#channels[index]!.isClosed;
  }

  state(index: number): { length: number; receivers: number; senders: number; isGone: boolean } {
    const { buffer, receivers, senders, isClosed } = this.#channels[index]!;
    return { length: buffer.length, receivers: receivers.length, senders: senders.length, isGone: isClosed && buffer.length === 0 };
  }
}

/** The cases of the same channel and direction. */
function alike(cases: readonly OracleCase[], one: NonNullable<OracleCase>): number[] {
  const isSame = (other: OracleCase) => other?.channel === one.channel && (other.send === undefined) === (one.send === undefined);
  return [...cases.keys()].filter((index) => isSame(cases[index]!));
}
