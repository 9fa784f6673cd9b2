// The tasks of the stress cases: senders that number their values, receivers that keep a bit for every value they saw.

import type { Receiver, Sender } from "../../src/index.ts";

const SENDER_SPAN = 2 ** 32;

/** Value `index` of sender `id`. */
export function numbered(id: number, index: number): number {
  return id * SENDER_SPAN + index;
}

/** What one receiver saw. */
export interface Seen {
  /** One bit per value: bit id × perSender + index. */
  bits: Uint8Array;
  count: number;
  /** The first value that came before an earlier one of its sender, or came twice; undefined if none did. */
  fault: string | undefined;
}

class Ledger {
  readonly seen: Seen;
  readonly #last: Int32Array;
  readonly #perSender: number;

  constructor(senders: number, perSender: number) {
    this.#perSender = perSender;
    this.#last = new Int32Array(senders).fill(-1);
    this.seen = { bits: new Uint8Array(Math.ceil((senders * perSender) / 8)), count: 0, fault: undefined };
  }

  add(value: number): void {
    const id = Math.floor(value / SENDER_SPAN);
    const index = value % SENDER_SPAN;
    if (index <= this.#last[id]!) this.seen.fault ??= `sender ${id}: ${index} after ${this.#last[id]}`;
    this.#last[id] = index;
    const bit = id * this.#perSender + index;
    if (this.seen.bits[bit >> 3]! & (1 << (bit & 7))) this.seen.fault ??= `sender ${id}: ${index} twice`;
    this.seen.bits[bit >> 3]! |= 1 << (bit & 7);
    this.seen.count++;
  }
}

export async function send(out: Sender<number>, id: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await out.send(numbered(id, i));
}

export function sendBlocking(out: Sender<number>, id: number, count: number): void {
  for (let i = 0; i < count; i++) out.sendSync(numbered(id, i));
}

export async function receive(input: Receiver<number>, senders: number, perSender: number): Promise<Seen> {
  const ledger = new Ledger(senders, perSender);
  for await (const value of input) ledger.add(value);
  return ledger.seen;
}

export function receiveBlocking(input: Receiver<number>, senders: number, perSender: number): Seen {
  const ledger = new Ledger(senders, perSender);
  for (const value of input) ledger.add(value);
  return ledger.seen;
}
