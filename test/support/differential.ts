// Runs a random program on one side (a runtime, or Go) and on the oracle, operation by operation, and compares outcomes, lengths and waiters after each.
//
// A program is its seed: 1-4 channels, 2-4 tasks with one operation at a time. A step picks a task that does not wait and one operation for it; both sides do
// it; every task the oracle says is served now must settle with that outcome, and no other may.

import { ChannelOracle, type OracleCase, type OracleOutcome } from "./channel-oracle.ts";

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What an operation came to: "case: sent", "case: end", "case: value", "none" (a try, and nothing is ready), or an error's code. */
export type Seen = string;

export interface How {
  /** Of one case: by the plain door instead of a select. */
  readonly isPlain: boolean;
  /** Of a select: the first ready case in the order written. A side without it takes any. */
  readonly isPriority: boolean;
}

/** An implementation of channels. */
export interface Side {
  /** Whether it honours How.isPriority. */
  readonly hasPriority: boolean;
  /** The channels of a new program. */
  open(capacities: readonly number[], isText: boolean): Promise<void>;
  /** An operation that never waits. */
  attempt(cases: readonly OracleCase[], how: How): Promise<Seen>;
  /** An operation that may wait. */
  start(task: number, cases: readonly OracleCase[], how: How): Promise<void>;
  /** Takes a waiting task's operation back; it is not heard of again. */
  abort(task: number): Promise<void>;
  /** "closed", or an error's code. */
  close(channel: number): Promise<Seen>;
  /** The tasks that have settled since the last call: at least those expected, and whatever else can settle by itself. */
  settled(expected: readonly number[]): Promise<ReadonlyMap<number, Seen>>;
  /** How many values a channel holds, and how many wait on it where that can be seen. */
  look(channel: number): { length: number; receivers?: number; senders?: number };
}

const CAPACITIES = [0, 0, 1, 2, 7];

class Program {
  readonly #side: Side;
  readonly #random: () => number;
  readonly #capacities: number[];
  readonly #oracle: ChannelOracle;
  readonly #isText: boolean;
  readonly #waiting = new Set<number>();
  readonly #settled = new Map<number, Seen>();
  readonly #tasks: number;
  readonly log: string[] = [];
  #nextValue = 1;

  constructor(side: Side, seed: number, skew: number) {
    this.#side = side;
    this.#random = seeded(seed);
    this.#capacities = Array.from({ length: 1 + this.#below(4) }, () => CAPACITIES[this.#below(CAPACITIES.length)]!);
    this.#tasks = 2 + this.#below(3);
    this.#isText = this.#below(4) === 0;
    this.#oracle = new ChannelOracle(this.#capacities.map((capacity) => capacity + skew));
    this.log.push(`capacities ${this.#capacities.join(" ")}, ${this.#tasks} tasks, ${this.#isText ? "text" : "numbers"}`);
  }

  async run(steps: number): Promise<void> {
    await this.#side.open(this.#capacities, this.#isText);
    for (let i = 0; i < steps; i++) await this.#step();
    await this.#finish();
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  /** A case on any channel, at times a disabled one. Of one select all sends into a channel carry one value. */
  #makeCase(values: Map<number, number>): OracleCase {
    const channel = this.#below(this.#capacities.length);
    const kind = this.#below(10);
    if (kind === 0) return null;
    if (kind < 5) return { channel };
    if (!values.has(channel)) values.set(channel, this.#nextValue++);
    return { channel, send: values.get(channel)! };
  }

  #makeCases(count: number): OracleCase[] {
    const values = new Map<number, number>();
    return Array.from({ length: count }, () => this.#makeCase(values));
  }

  #makeHow(cases: readonly OracleCase[]): How {
    return { isPlain: cases.length === 1 && cases[0] !== null && this.#below(3) > 0, isPriority: this.#below(4) === 0 };
  }

  async #step(): Promise<void> {
    const idle = Array.from({ length: this.#tasks }, (_, task) => task).filter((task) => !this.#waiting.has(task));
    const roll = this.#below(100);
    if (roll < 3) await this.#close(this.#below(this.#capacities.length));
    else if (this.#waiting.size > 0 && (roll < 10 || idle.length === 0)) {
      if (idle.length > 0 || roll < 40) await this.#abort([...this.#waiting][this.#below(this.#waiting.size)]!);
      else await this.#attempt(this.#makeCases(1 + this.#below(3)));
    } else if (roll < 35) await this.#attempt(this.#makeCases(1));
    else if (roll < 50) await this.#attempt(this.#makeCases(1 + this.#below(4)));
    else await this.#start(idle[this.#below(idle.length)]!, this.#makeCases(roll < 75 ? 1 : 1 + this.#below(4)));
    await this.#compare();
  }

  async #attempt(cases: readonly OracleCase[]): Promise<void> {
    const ready = this.#oracle.ready(cases);
    const seen = await this.#side.attempt(cases, this.#makeHow(cases));
    this.log.push(`try ${JSON.stringify(cases)} → ${seen}`);
    if (ready.length > 0) this.#check(cases, ready, seen);
    else if (seen !== "none") throw new Error(`expected that nothing is ready, got ${seen}`);
  }

  /** What came at once must be one of the ready cases, with the outcome the oracle gives it. */
  #check(cases: readonly OracleCase[], ready: readonly number[], seen: Seen): void {
    const isRefused = ({ channel, send }: NonNullable<OracleCase>) => send !== undefined && this.#oracle.isClosed(channel);
    const index = seen.includes(":") ? Number.parseInt(seen, 10) : ready.find((i) => isRefused(cases[i]!));
    if (index === undefined || !ready.includes(index)) throw new Error(`expected one of the cases ${ready.join(" ")}, got ${seen}`);
    expectSame(seen, this.#oracle.perform(cases, index));
  }

  async #start(task: number, cases: readonly OracleCase[]): Promise<void> {
    const ready = this.#oracle.ready(cases);
    const how = this.#makeHow(cases);
    if (how.isPriority && !how.isPlain && this.#side.hasPriority && ready.length > 1) ready.length = 1;
    this.log.push(`task ${task} ${JSON.stringify(cases)}`);
    await this.#side.start(task, cases, how);
    if (ready.length > 0) this.#check(cases, ready, await this.#outcome(task));
    else {
      this.#oracle.wait(task, cases);
      this.#waiting.add(task);
    }
  }

  async #abort(task: number): Promise<void> {
    this.log.push(`abort task ${task}`);
    this.#oracle.cancel(task);
    this.#waiting.delete(task);
    await this.#side.abort(task);
  }

  async #close(channel: number): Promise<void> {
    const isFirst = this.#oracle.close(channel);
    const seen = await this.#side.close(channel);
    this.log.push(`close ${channel} → ${seen}`);
    if (seen !== (isFirst ? "closed" : "ERR_CHANNEL_CLOSED")) throw new Error(`expected close to ${isFirst ? "succeed" : "throw"}`);
  }

  /** What a task that is to settle now has settled with. */
  async #outcome(task: number): Promise<Seen> {
    if (!this.#settled.has(task)) await this.#gather([task]);
    const seen = this.#settled.get(task);
    this.#settled.delete(task);
    this.log.push(`  task ${task} → ${seen}`);
    if (seen === undefined) throw new Error(`expected task ${task} to be served`);
    return seen;
  }

  async #gather(expected: readonly number[]): Promise<void> {
    for (const [task, seen] of await this.#side.settled(expected)) this.#settled.set(task, seen);
  }

  async #compare(): Promise<void> {
    for (const [task, outcome] of this.#oracle.takeSettled()) {
      this.#waiting.delete(task);
      expectSame(await this.#outcome(task), outcome);
    }
    await this.#gather([]);
    for (const [task, seen] of this.#settled) throw new Error(`expected task ${task} to wait, got ${seen}`);
    for (const i of this.#capacities.keys()) {
      const { isGone, ...expected } = this.#oracle.state(i);
      const got = this.#side.look(i);
      const isSame = (name: "length" | "receivers" | "senders") => got[name] === undefined || got[name] === expected[name];
      if (!isSame("length") || (!isGone && !(isSame("receivers") && isSame("senders"))))
        throw new Error(`channel ${i}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
    }
  }

  /** Closes and drains everything; then nobody waits. */
  async #finish(): Promise<void> {
    for (const i of this.#capacities.keys()) {
      if (!this.#oracle.isClosed(i)) await this.#close(i);
      await this.#compare();
      while (!this.#oracle.state(i).isGone) await this.#attempt([{ channel: i }]);
      await this.#attempt([{ channel: i }]);
    }
    for (const task of [...this.#waiting]) await this.#abort(task); // only those with nothing but disabled cases
    await this.#compare();
  }
}

function expectSame(seen: Seen, { cases, what }: OracleOutcome): void {
  const expected = what === "refused" ? ["ERR_CHANNEL_CLOSED"] : cases.map((index) => `${index}: ${what}`);
  if (!expected.includes(seen)) throw new Error(`expected ${expected.join(" or ")}, got ${seen}`);
}

/** Runs the program of a seed. Throws with the seed and the steps so far where the two differ. `skew` makes the oracle wrong, to test the judge. */
export async function runProgram(side: Side, seed: number, steps: number, skew = 0): Promise<void> {
  const program = new Program(side, seed, skew);
  try {
    await program.run(steps);
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}\n${program.log.join("\n")}`, { cause: error });
  }
}
