// Whole programs of chained tasks: the prime sieve, power series, fifo chains, a long chain of tasks.

import { channelOf, f64 } from "../../../src/index.ts";
import type { Series } from "../../fixtures/conformance-programs.ts";
import { close, drain, type Group, type Place, range } from "../support.ts";

const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29];

/** Few enough that their tasks find threads. */
const primesAt = (at: Place) => PRIMES.slice(0, Math.min(PRIMES.length, at.placement.most - 1));

export const sieve: Group = {
  name: "sieve",
  source: "Go test/chan/sieve1.go, sieve2.go; crossbeam tests/golang.rs",
  tests: {
    async "each prime found becomes a stage; closing the last link ends them all"(at) {
      let link = at.channel();
      const tasks: PromiseLike<unknown>[] = [at.go(at.programs.naturals, link.sender)];
      for (const prime of primesAt(at)) {
        const value = await link.recv();
        if (value !== prime) throw new Error(`expected the prime ${prime}, got ${String(value)}`);
        const next = at.channel();
        tasks.push(at.go(at.programs.sift, prime, link, next.sender));
        link = next;
      }
      await drain(link);
      await Promise.all(tasks);
    },

    async "a closed stop channel ends every stage, wherever it waits"(at) {
      const stop = at.channel(0);
      const links = [at.channel()];
      const tasks: PromiseLike<unknown>[] = [at.go(at.programs.naturalsUntil, links[0]!.sender, stop.receiver)];
      for (const prime of primesAt(at)) {
        const link = links.at(-1)!;
        const value = await link.recv();
        if (value !== prime) throw new Error(`expected the prime ${prime}, got ${String(value)}`);
        const next = at.channel();
        links.push(next);
        tasks.push(at.go(at.programs.siftUntil, prime, link.receiver, next.sender, stop.receiver));
      }
      stop.close();
      await Promise.all(tasks);
      for (const link of links) await drain(link);
    },
  },
};

/** The first coefficients of a series, then its requests are closed. */
async function coefficients(at: Place, series: Series, count: number): Promise<number[]> {
  const got: number[] = [];
  for (let i = 0; i < count; i++) {
    const reply = at.channel(0);
    await series.send(reply);
    got.push((await reply.recv()) as number);
    reply.close();
  }
  series.close();
  return got;
}

const newSeries = (at: Place): Series => at.channelOf(channelOf(f64));
const COUNT = 12;

function expectEqual(got: readonly number[], expected: readonly number[]): void {
  if (got.length !== expected.length || got.some((value, i) => Math.abs(value - expected[i]!) > 1e-12 * Math.abs(expected[i]!)))
    throw new Error(`expected ${expected.join(" ")}, got ${got.join(" ")}`);
}

export const powerSeries: Group = {
  name: "power series",
  source: "Go test/chan/powser1.go, powser2.go; crossbeam tests/golang.rs",
  tests: {
    async "the sum of two series, asked for through channels of channels"(at) {
      const [u, v, sum] = [newSeries(at), newSeries(at), newSeries(at)];
      const { ones, plus } = at.programs;
      const tasks = [at.go(ones, u), at.go(ones, v), at.go(plus, sum, u, v, 3)];
      expectEqual(await coefficients(at, sum, COUNT), Array(COUNT).fill(6));
      expectEqual(await Promise.all(tasks), [COUNT, COUNT, COUNT]);
    },

    async "the product: 1/(1-x) times itself counts"(at) {
      const [u, v, product] = [newSeries(at), newSeries(at), newSeries(at)];
      const { ones, times } = at.programs;
      const tasks = [at.go(ones, u), at.go(ones, v), at.go(times, product, u, v)];
      expectEqual(await coefficients(at, product, COUNT), range(COUNT, 1));
      await Promise.all(tasks);
    },

    async "the integral of an integral, plus a product: five tasks deep"(at) {
      const [u, first, second, v, sum] = range(5).map(() => newSeries(at)) as [Series, Series, Series, Series, Series];
      const { ones, integral, plus } = at.programs;
      const tasks = [
        at.go(ones, u),
        at.go(integral, first, u, 0), // 0 + x + x²/2 + x³/3 …
        at.go(integral, second, first, 5), // 5 + 0x + x²/2 + x³/6 + x⁴/12 …
        at.go(ones, v),
        at.go(plus, sum, second, v, 1),
      ];
      const expected = range(COUNT).map((n) => (n === 0 ? 6 : n === 1 ? 1 : 1 + 1 / (n * (n - 1))));
      expectEqual(await coefficients(at, sum, COUNT), expected);
      await Promise.all(tasks);
    },
  },
};

export const fifo: Group = {
  name: "fifo",
  source: "Go test/chan/fifo.go, test/chan/goroutines.go; crossbeam tests/golang.rs, tests/array.rs, tests/zero.rs",
  tests: {
    async "values come in the order they were sent"(at) {
      const ch = at.channel();
      const sending = at.go(at.tasks.sendRunAndClose, ch.sender, 0, at.placement.run);
      const got: number[] = [];
      for await (const value of ch) got.push(value);
      expectEqual(got, range(at.placement.run));
      expectEqual([await sending], [at.placement.run]);
    },

    async "a full buffer is received in its order by another task"(at) {
      const ch = at.full();
      ch.close();
      expectEqual(await at.go(at.tasks.recvAll, ch.receiver), range(at.capacity));
    },

    async "a chain of rendezvous: each task takes its value when its predecessor has"(at) {
      const length = Math.min(12, at.placement.most);
      const values = at.channel();
      const links = range(length + 1).map(() => at.channel(0));
      const tasks = range(length).map((i) => at.go(at.programs.inTurn, values.receiver, links[i]!.receiver, links[i + 1]!.sender));
      const sending = (async () => {
        for (let i = 0; i < length; i++) await values.send(i);
      })();
      await links[0]!.send(0);
      expectEqual([(await links[length]!.recv()) as number], [length - 1]);
      expectEqual(await Promise.all(tasks), range(length));
      await sending;
      close(values, ...links);
    },

    async "a long chain of tasks, each adds one"(at) {
      const length = at.placement.isDedicated ? at.placement.most : 200;
      const links = range(length + 1).map(() => at.channel());
      const tasks = range(length).map((i) => at.go(at.tasks.link, links[i]!.sender, links[i + 1]!.receiver));
      await links[length]!.send(0);
      expectEqual([(await links[0]!.recv()) as number], [length]);
      await Promise.all(tasks);
      close(...links);
    },

    async "through a relay of the same capacity nothing overtakes"(at) {
      const [a, b] = [at.channel(), at.channel()];
      const n = at.placement.run;
      const tasks = [at.go(at.tasks.sendRunAndClose, a.sender, 0, n), at.go(at.tasks.relay, a.receiver, b.sender, 2)];
      expectEqual(
        await at.go(at.tasks.recvRun, b.receiver, n),
        range(n).map((i) => 2 * i),
      );
      expectEqual(await Promise.all(tasks), [n, n]);
      b.close();
    },
  },
};
