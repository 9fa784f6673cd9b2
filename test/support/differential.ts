// Runs a random program on a runtime and on the oracle, operation by operation, and compares outcomes, lengths and waiters after each.
//
// A program is its seed: 1-4 channels, 2-4 tasks with one operation at a time. A step picks a task that does not wait and one operation for it; both sides do
// it; every task the oracle says is served now must settle with that outcome, and no other may.

import { type Channel, CLOSED, type Codec, EMPTY, f64, type Runtime, type SelectCase, select, trySelect, utf8 } from "../../src/index.ts";
import { ChannelOracle, type OracleCase, type OracleOutcome } from "./channel-oracle.ts";
import { until, waitersOf } from "./heap.ts";

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

/** What an operation came to on the runtime: "case: what", or an error's code. */
type Seen = string;

interface Lane {
  readonly controller: AbortController;
  seen: Seen | undefined;
}

const CAPACITIES = [0, 0, 1, 2, 7];

class Program {
  readonly #random: () => number;
  readonly #oracle: ChannelOracle;
  readonly #channels: Channel<unknown>[];
  readonly #isText: boolean;
  readonly #waiting = new Map<number, Lane>();
  readonly #tasks: number;
  readonly log: string[] = [];
  #nextValue = 1;

  constructor(rt: Runtime, seed: number, skew: number) {
    this.#random = seeded(seed);
    const capacities = Array.from({ length: 1 + this.#below(4) }, () => CAPACITIES[this.#below(CAPACITIES.length)]!);
    this.#tasks = 2 + this.#below(3);
    this.#isText = this.#below(4) === 0;
    const codec = (this.#isText ? utf8 : f64) as Codec<unknown>;
    this.#oracle = new ChannelOracle(capacities.map((capacity) => capacity + skew));
    this.#channels = capacities.map((capacity) => rt.channel(codec, capacity));
    this.log.push(`capacities ${capacities.join(" ")}, ${this.#tasks} tasks, ${codec.name}`);
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  /** A case on any channel, at times a disabled one. Of one select all sends into a channel carry one value. */
  #makeCase(values: Map<number, number>): OracleCase {
    const channel = this.#below(this.#channels.length);
    const kind = this.#below(10);
    if (kind === 0) return null;
    if (kind < 5) return { channel };
    if (!values.has(channel)) values.set(channel, this.#nextValue++);
    return { channel, send: values.get(channel)! };
  }

  async step(): Promise<void> {
    const idle = Array.from({ length: this.#tasks }, (_, task) => task).filter((task) => !this.#waiting.has(task));
    const roll = this.#below(100);
    if (roll < 3) this.#close(this.#below(this.#channels.length));
    else if (this.#waiting.size > 0 && (roll < 10 || idle.length === 0)) {
      if (idle.length > 0 || roll < 40) this.#abort([...this.#waiting.keys()][this.#below(this.#waiting.size)]!);
      else this.#attempt(this.#makeCases(1 + this.#below(3)));
    } else if (roll < 35) this.#attempt(this.#makeCases(1));
    else if (roll < 50) this.#attempt(this.#makeCases(1 + this.#below(4)));
    else await this.#start(idle[this.#below(idle.length)]!, this.#makeCases(roll < 75 ? 1 : 1 + this.#below(4)));
    await this.#compare();
  }

  #makeCases(count: number): OracleCase[] {
    const values = new Map<number, number>();
    return Array.from({ length: count }, () => this.#makeCase(values));
  }

  #onRuntime(one: OracleCase): SelectCase {
    if (one === null) return null;
    const channel = this.#channels[one.channel]!;
    return one.send === undefined ? channel : channel.sending(this.#encode(one.send));
  }

  #encode(value: number): unknown {
    return this.#isText ? `text ${value}` : value;
  }

  #show(cases: readonly OracleCase[], index: number, value: unknown): Seen {
    const what = cases[index]!.send !== undefined ? "sent" : value === CLOSED ? "end" : Number(String(value).replace("text ", ""));
    return `${index}: ${what}`;
  }

  /** An operation that never waits: of one case by tryRecv or trySend, of more by trySelect. */
  #attempt(cases: readonly OracleCase[]): void {
    const ready = this.#oracle.ready(cases);
    let seen: Seen;
    try {
      const [only] = cases;
      if (cases.length > 1 || !only || this.#below(3) === 0) {
        const chosen = trySelect(cases.map((one) => this.#onRuntime(one)));
        seen = chosen ? this.#show(cases, chosen.case, chosen.value) : "none";
      } else if (only.send !== undefined) {
        seen = this.#channels[only.channel]!.trySend(this.#encode(only.send)) ? "0: sent" : "none";
      } else {
        const value = this.#channels[only.channel]!.tryRecv();
        seen = value === EMPTY ? "none" : this.#show(cases, 0, value);
      }
    } catch (error) {
      seen = String((error as { code?: unknown }).code);
    }
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

  /** An operation that may wait: a plain send or receive, or a select. */
  async #start(task: number, cases: readonly OracleCase[]): Promise<void> {
    const ready = this.#oracle.ready(cases);
    const lane: Lane = { controller: new AbortController(), seen: undefined };
    const { signal } = lane.controller;
    const [only] = cases;
    let ending: Promise<Seen>;
    if (cases.length > 1 || !only || this.#below(3) === 0) {
      const order = this.#below(4) === 0 ? "priority" : "random";
      const selecting = select(
        cases.map((one) => this.#onRuntime(one)),
        { signal, order },
      );
      ending = selecting.then((chosen) => this.#show(cases, chosen.case, chosen.value));
      if (order === "priority" && ready.length > 1) ready.length = 1;
    } else if (only.send !== undefined) {
      ending = this.#channels[only.channel]!.send(this.#encode(only.send), { signal }).then(() => "0: sent");
    } else {
      ending = this.#channels[only.channel]!.recv({ signal }).then((value) => this.#show(cases, 0, value));
    }
    void ending
      .catch((error: unknown) => String((error as { code?: unknown }).code))
      .then((seen) => {
        lane.seen = seen;
      });
    this.log.push(`task ${task} ${JSON.stringify(cases)}`);
    if (ready.length === 0) {
      this.#oracle.wait(task, cases);
      this.#waiting.set(task, lane);
      return;
    }
    await until(() => lane.seen !== undefined, `task ${task} is served at once`, 2_000);
    this.log.push(`  → ${lane.seen}`);
    this.#check(cases, ready, lane.seen!);
  }

  #abort(task: number): void {
    this.log.push(`abort task ${task}`);
    this.#oracle.cancel(task);
    const lane = this.#waiting.get(task)!;
    this.#waiting.delete(task);
    lane.controller.abort();
  }

  #close(channel: number): void {
    this.log.push(`close ${channel}`);
    const isFirst = this.#oracle.close(channel);
    let seen = true;
    try {
      this.#channels[channel]!.close();
    } catch {
      seen = false;
    }
    if (seen !== isFirst) throw new Error(`expected close to ${isFirst ? "succeed" : "throw"}`);
  }

  async #compare(): Promise<void> {
    for (const [task, outcome] of this.#oracle.takeSettled()) {
      const lane = this.#waiting.get(task)!;
      this.#waiting.delete(task);
      await until(() => lane.seen !== undefined, `task ${task} is served: ${JSON.stringify(outcome)}`, 2_000);
      this.log.push(`  task ${task} → ${lane.seen}`);
      expectSame(lane.seen!, outcome);
    }
    await new Promise((resolve) => setImmediate(resolve));
    for (const [task, lane] of this.#waiting) {
      if (lane.seen !== undefined) throw new Error(`expected task ${task} to wait, got ${lane.seen}`);
    }
    for (const [i, channel] of this.#channels.entries()) {
      const { isGone, ...expected } = this.#oracle.state(i);
      const got = { length: channel.length, ...(isGone ? { receivers: 0, senders: 0 } : waitersOf(channel)) };
      if (JSON.stringify(got) !== JSON.stringify(expected)) {
        throw new Error(`channel ${i}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
      }
    }
  }

  /** Closes and drains everything; then nobody waits. */
  async finish(): Promise<void> {
    for (const i of this.#channels.keys()) {
      if (!this.#oracle.isClosed(i)) this.#close(i);
      await this.#compare();
      while (!this.#oracle.state(i).isGone) this.#attempt([{ channel: i }]);
      this.#attempt([{ channel: i }]);
    }
    for (const task of [...this.#waiting.keys()]) this.#abort(task); // only those with nothing but disabled cases
    await this.#compare();
  }
}

function expectSame(seen: Seen, { cases, what }: OracleOutcome): void {
  const expected = what === "refused" ? ["ERR_CHANNEL_CLOSED"] : cases.map((index) => `${index}: ${what}`);
  if (!expected.includes(seen)) throw new Error(`expected ${expected.join(" or ")}, got ${seen}`);
}

/** Runs the program of a seed. Throws with the seed and the steps so far where the two differ. `skew` makes the oracle wrong, to test the judge. */
export async function runProgram(rt: Runtime, seed: number, steps: number, skew = 0): Promise<void> {
  const program = new Program(rt, seed, skew);
  try {
    for (let i = 0; i < steps; i++) await program.step();
    await program.finish();
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}\n${program.log.join("\n")}`, { cause: error });
  }
}
