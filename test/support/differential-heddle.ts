// A runtime as one side of the differential test.

import { type Channel, CLOSED, type Codec, EMPTY, f64, type Runtime, type SelectCase, select, trySelect, utf8 } from "../../src/index.ts";
import type { OracleCase } from "./channel-oracle.ts";
import type { How, Seen, Side } from "./differential.ts";
import { until, waitersOf } from "./heap.ts";

interface Lane {
  readonly controller: AbortController;
  seen: Seen | undefined;
}

const codeOf = (error: unknown) => String((error as { code?: unknown }).code);

export class HeddleSide implements Side {
  readonly hasPriority = true;
  readonly #rt: Runtime;
  readonly #lanes = new Map<number, Lane>();
  #channels: Channel<unknown>[] = [];
  #isText = false;

  constructor(rt: Runtime) {
    this.#rt = rt;
  }

  async open(capacities: readonly number[], isText: boolean): Promise<void> {
    this.#isText = isText;
    const codec = (isText ? utf8 : f64) as Codec<unknown>;
    this.#channels = capacities.map((capacity) => this.#rt.channel(codec, capacity));
  }

  #encode(value: number): unknown {
    return this.#isText ? `text ${value}` : value;
  }

  #case(one: OracleCase): SelectCase {
    if (one === null) return null;
    const channel = this.#channels[one.channel]!;
    return one.send === undefined ? channel : channel.sending(this.#encode(one.send));
  }

  #show(cases: readonly OracleCase[], index: number, value: unknown): Seen {
    const what = cases[index]!.send !== undefined ? "sent" : value === CLOSED ? "end" : Number(String(value).replace("text ", ""));
    return `${index}: ${what}`;
  }

  async attempt(cases: readonly OracleCase[], { isPlain }: How): Promise<Seen> {
    try {
      if (!isPlain) {
        const chosen = trySelect(cases.map((one) => this.#case(one)));
        return chosen ? this.#show(cases, chosen.case, chosen.value) : "none";
      }
      const { channel, send } = cases[0]!;
      if (send !== undefined) return this.#channels[channel]!.trySend(this.#encode(send)) ? "0: sent" : "none";
      const value = this.#channels[channel]!.tryRecv();
      return value === EMPTY ? "none" : this.#show(cases, 0, value);
    } catch (error) {
      return codeOf(error);
    }
  }

  async start(task: number, cases: readonly OracleCase[], how: How): Promise<void> {
    const lane: Lane = { controller: new AbortController(), seen: undefined };
    this.#lanes.set(task, lane);
    void this.#operate(cases, how, lane.controller.signal)
      .catch(codeOf)
      .then((seen) => {
        lane.seen = seen;
      });
  }

  async #operate(cases: readonly OracleCase[], { isPlain, isPriority }: How, signal: AbortSignal): Promise<Seen> {
    if (!isPlain) {
      const order = isPriority ? "priority" : "random";
      const chosen = await select(
        cases.map((one) => this.#case(one)),
        { signal, order },
      );
      return this.#show(cases, chosen.case, chosen.value);
    }
    const { channel, send } = cases[0]!;
    if (send === undefined) return this.#show(cases, 0, await this.#channels[channel]!.recv({ signal }));
    await this.#channels[channel]!.send(this.#encode(send), { signal });
    return "0: sent";
  }

  async abort(task: number): Promise<void> {
    this.#lanes.get(task)!.controller.abort();
    this.#lanes.delete(task);
  }

  async close(channel: number): Promise<Seen> {
    try {
      this.#channels[channel]!.close();
      return "closed";
    } catch (error) {
      return codeOf(error);
    }
  }

  async settled(expected: readonly number[]): Promise<ReadonlyMap<number, Seen>> {
    await until(() => expected.every((task) => this.#lanes.get(task)?.seen !== undefined), `tasks ${expected} are served`, 2_000);
    if (expected.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const settled = new Map<number, Seen>();
    for (const [task, { seen }] of this.#lanes) {
      if (seen === undefined) continue;
      settled.set(task, seen);
      this.#lanes.delete(task);
    }
    return settled;
  }

  look(channel: number): { length: number; receivers: number; senders: number } {
    return { length: this.#channels[channel]!.length, ...waitersOf(this.#channels[channel]!) };
  }
}
