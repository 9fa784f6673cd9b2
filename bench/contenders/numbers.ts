/**
 * Numbers: the values every channel scenario sends, and the ledger of who receives them.
 *
 * Sender s of S sends s × SPAN + 0, 1, 2, ... Their sum and count are known beforehand; one sender's values must come in order.
 */
export const SPAN = 2 ** 24;

export interface Received {
  readonly count: number;
  readonly sum: number;
  /** Values that came before an earlier one of their sender. */
  readonly disorder: number;
}

export class Ledger implements Received {
  count = 0;
  sum = 0;
  disorder = 0;
  readonly #isOfOne: boolean;
  readonly #last: Int32Array;

  constructor(senders: number) {
    this.#isOfOne = senders === 1;
    this.#last = new Int32Array(senders).fill(-1);
  }

  add(value: number): void {
    const sender = this.#isOfOne ? 0 : Math.floor(value / SPAN); // to look who sent it takes as long as to receive it
    const index = value - sender * SPAN;
    if (!(index > this.#last[sender]!)) this.disorder++;
    this.#last[sender] = index;
    this.count++;
    this.sum += value;
  }

  /** The same for values that all are of the first sender. */
  addAll(values: readonly number[]): void {
    let last = this.#last[0]!;
    let sum = 0;
    for (const value of values) {
      if (!(value > last)) this.disorder++;
      last = value;
      sum += value;
    }
    this.#last[0] = last;
    this.count += values.length;
    this.sum += sum;
  }
}

/** What all receivers together must have seen of `total` values from `senders`. */
export function expectedOf(senders: number, total: number): { count: number; sum: number; disorder: number } {
  const each = total / senders;
  if (!Number.isInteger(each) || each > SPAN) throw new Error(`expected a multiple of ${senders} up to ${senders * SPAN}, got ${total}`);
  const sum = senders * ((each * (each - 1)) / 2) + each * SPAN * ((senders * (senders - 1)) / 2);
  return { count: total, sum, disorder: 0 };
}

export function together(all: readonly Received[]): { count: number; sum: number; disorder: number } {
  const sum = (key: keyof Received) => all.reduce((total, one) => total + one[key], 0);
  return { count: sum("count"), sum: sum("sum"), disorder: sum("disorder") };
}
