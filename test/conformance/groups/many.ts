// Many tasks on one channel: each value once, order kept per sender, waiters served in turn, the length never out of bounds.

import { expect } from "vitest";
import { after, select, type Task } from "../../../src/index.ts";
import { until, waitersOf } from "../../support/heap.ts";
import { drain, type Group, type Place, range, sorted } from "../support.ts";

const STRIDE = 10_000;

/** Producers and consumers on one channel: every value once, in order for each producer and consumer. */
async function exactlyOnce(at: Place, producers: number, consumers: number): Promise<void> {
  const ch = at.channel();
  const n = Math.ceil(at.placement.run / 2);
  const receiving = range(consumers).map(() => at.go(at.tasks.recvAll, ch.receiver));
  const sending = range(producers).map((i) => at.go(at.tasks.sendRun, ch.sender, i * STRIDE, n));
  expect(await Promise.all(sending)).toEqual(Array(producers).fill(n));
  ch.close();
  const got = await Promise.all(receiving);
  expect(sorted(got.flat())).toEqual(range(producers).flatMap((i) => range(n, i * STRIDE)));
  for (const values of got) {
    for (const i of range(producers)) {
      const own = values.filter((value) => Math.floor(value / STRIDE) === i);
      expect(own).toEqual(sorted(own));
    }
  }
}

export const mpmc: Group = {
  name: "mpmc",
  source:
    "Go runtime/chan_test.go TestChan, TestMultiConsumer, test/ken/chan1.go; crossbeam tests/mpsc.rs, array.rs and zero.rs: spsc, mpmc, oneshot, stress",
  tests: {
    "one sender, one receiver": (at) => exactlyOnce(at, 1, 1),
    "many senders, one receiver": (at) => exactlyOnce(at, 3, 1),
    "one sender, many receivers": (at) => exactlyOnce(at, 1, 3),
    "many senders, many receivers": (at) => exactlyOnce(at, 3, 3),

    async "a channel per value, from one task to another"(at) {
      const channels = range(at.placement.isDedicated ? 30 : 60).map(() => at.channel());
      const steps = channels.map((_, i) => ["send", i, i] as const);
      const sending = at.go(at.tasks.script, channels, steps);
      const got = await at.go(
        at.tasks.script,
        channels,
        channels.map((_, i) => ["recv", i] as const),
      );
      expect(got).toEqual(range(channels.length));
      await sending;
      for (const ch of channels) ch.close();
    },

    async "workers between two channels: the sums agree"(at) {
      const [input, output] = [at.channel(), at.channel()];
      const n = at.placement.run;
      const workers = range(3).map((i) => at.go(at.tasks.relay, input.receiver, output.sender, i % 2 === 0 ? 1 : -1));
      const collecting = at.go(at.tasks.recvAll, output.receiver);
      await at.go(at.tasks.sendRunAndClose, input.sender, 1, n);
      const passed = await Promise.all(workers);
      output.close();
      expect(sorted((await collecting).map(Math.abs))).toEqual(range(n, 1));
      expect(passed.reduce((sum, count) => sum + count, 0)).toBe(n);
    },

    async "length and capacity while tasks send and receive: never out of bounds"(at) {
      const ch = at.channel();
      const sending = at.go(at.tasks.sendRunAndClose, ch.sender, 0, at.placement.run);
      const receiving = at.go(at.tasks.recvAll, ch.receiver);
      await until(() => {
        expect(ch.length).toBeGreaterThanOrEqual(0);
        expect(ch.length).toBeLessThanOrEqual(at.capacity);
        expect(ch.capacity).toBe(at.capacity);
        return receiving.isSettled;
      }, "all was received");
      expect(await receiving).toHaveLength(at.placement.run);
      await sending;
    },
  },
};

export const turns: Group = {
  name: "turns",
  source:
    "Go runtime/chan.go (waiting queues are first in, first out), runtime/chan_test.go TestSelectDuplicateChannel, test/chan/select6.go",
  tests: {
    async "waiting receivers are served in turn"(at) {
      const ch = at.channel();
      const receiving: Task<number[]>[] = [];
      for (let i = 0; i < 5; i++) {
        receiving.push(at.go(at.tasks.recvRun, ch.receiver, 1));
        await at.waiting(ch, { receivers: i + 1 });
      }
      for (let i = 0; i < 5; i++) expect(ch.trySend(i)).toBe(true);
      expect((await Promise.all(receiving)).flat()).toEqual(range(5));
      ch.close();
    },

    async "waiting senders are served in turn, after what is buffered"(at) {
      const ch = at.full();
      const sending: Task<number>[] = [];
      for (let i = 0; i < 5; i++) {
        sending.push(at.go(at.tasks.sendRun, ch.sender, at.capacity + i, 1));
        await at.waiting(ch, { senders: i + 1 });
      }
      expect(await at.go(at.tasks.recvRun, ch.receiver, at.capacity + 5)).toEqual(range(at.capacity + 5));
      await Promise.all(sending);
      ch.close();
    },

    async "a select keeps its place among plain receivers"(at) {
      const [ch, other] = [at.channel(), at.channel(0)];
      const first = at.go(at.tasks.recvRun, ch.receiver, 1);
      await at.waiting(ch, { receivers: 1 });
      const second = at.go(at.selects.pickOne, [other.receiver, ch.receiver]);
      await at.waiting(ch, { receivers: 2 });
      const third = at.go(at.tasks.recvRun, ch.receiver, 1);
      await at.waiting(ch, { receivers: 3 });
      for (let i = 0; i < 3; i++) ch.trySend(i);
      expect([await first, await second, await third]).toEqual([[0], { case: 1, value: 1 }, [2]]);
      ch.close();
      other.close();
    },

    async "a select that was served elsewhere leaves the middle of the queue, and the others keep their turn"(at) {
      const [ch, other] = [at.channel(), at.channel(0)];
      const first = at.go(at.tasks.recvRun, ch.receiver, 1);
      await at.waiting(ch, { receivers: 1 });
      const leaving = at.go(at.selects.pickOne, [ch.receiver, ch.receiver, other.receiver]);
      await at.waiting(ch, { receivers: 2 });
      const last = at.go(at.tasks.recvRun, ch.receiver, 1);
      await at.waiting(ch, { receivers: 3 });
      await other.send(42);
      expect(await leaving).toEqual({ case: 2, value: 42 });
      await at.waiting(ch, { receivers: 2 });
      for (let i = 0; i < 2; i++) expect(ch.trySend(i)).toBe(true);
      expect([await first, await last]).toEqual([[0], [1]]);
      ch.close();
      other.close();
    },

    async "one that timed out is passed over; its turn goes to the next"(at) {
      const ch = at.channel();
      const first = at.go(at.selects.within, ch, "recv", 5);
      const done = at.go(at.tasks.recvRun, ch.receiver, 1);
      expect(await first).toBe("ERR_TIMEOUT");
      await at.waiting(ch, { receivers: 1 });
      expect(ch.trySend(8)).toBe(true);
      expect(await done).toEqual([8]);
      ch.close();
    },

    async "a promise that was aborted is passed over, beside tasks that wait"(at) {
      const ch = at.full();
      const controller = new AbortController();
      const given = ch.send(-1, { signal: controller.signal });
      const sending = at.go(at.tasks.sendRun, ch.sender, at.capacity, 1);
      await at.waiting(ch, { senders: 2 });
      controller.abort();
      await expect(given).rejects.toMatchObject({ code: "ABORT_ERR" });
      expect(await at.go(at.tasks.recvRun, ch.receiver, at.capacity + 1)).toEqual(range(at.capacity + 1));
      await sending;
      expect(waitersOf(ch)).toEqual({ receivers: 0, senders: 0 });
      ch.close();
    },
  },
};

export const array: Group = {
  name: "array",
  source: "crossbeam tests/array.rs: smoke, capacity, len_empty_full, len, fairness of the ring's wrap-around",
  capacities: { only: [1, 2, 7, 64], because: "a rendezvous has no buffer" },
  tests: {
    async "length and capacity at every step of filling and emptying"(at) {
      const ch = at.channel();
      const up = range(at.capacity).flatMap((i) => [["length", 0] as const, ["trySend", 0, i] as const]);
      const down = range(at.capacity).flatMap(() => [["length", 0] as const, ["tryRecv", 0] as const]);
      const outcomes = await at.go(at.tasks.script, [ch], [["capacity", 0], ...up, ["trySend", 0, -1], ...down, ["length", 0]]);
      const n = at.capacity;
      expect(outcomes).toEqual([n, ...range(n).flatMap((i) => [i, "sent"]), "full", ...range(n).flatMap((i) => [n - i, i]), 0]);
      ch.close();
    },

    async "the ring goes round many times at every fill level"(at) {
      const ch = at.channel();
      let [sent, received] = [0, 0];
      for (let level = 1; level <= at.capacity; level++) {
        for (let round = 0; round < 3; round++) {
          while (ch.length < level) expect(ch.trySend(sent++)).toBe(true);
          while (ch.length > level >> 1) expect(ch.tryRecv()).toBe(received++);
        }
      }
      expect(await at.go(at.tasks.recvRun, ch.receiver, sent - received)).toEqual(range(sent - received, received));
      expect(await drain(ch)).toEqual([]);
    },
  },
};

export const zero: Group = {
  name: "zero",
  source: "crossbeam tests/zero.rs: smoke, capacity, try_send, try_recv, send_timeout, recv_timeout; Go spec: a rendezvous",
  capacities: { only: [0], because: "they have a buffer" },
  tests: {
    async "a send ends only when its value was received"(at) {
      const [ch, report] = [at.channel(), at.channel(1)];
      const sending = at.go(
        at.tasks.script,
        [ch, report],
        [
          ["send", 0, 1],
          ["send", 1, 2],
        ],
      );
      await at.waiting(ch, { senders: 1 });
      expect([ch.length, ch.capacity, report.length]).toEqual([0, 0, 0]);
      expect(ch.tryRecv()).toBe(1);
      expect(await sending).toEqual(["sent", "sent"]);
      expect([ch.length, await report.recv()]).toEqual([0, 2]);
      ch.close();
      report.close();
    },

    async "two tasks take turns through one channel"(at) {
      const [there, back] = [at.channel(), at.channel()];
      const n = 30;
      const ping = range(n).flatMap((i) => [["send", 0, i] as const, ["recv", 1] as const]);
      const pong = range(n).flatMap((i) => [["recv", 0] as const, ["send", 1, 100 + i] as const]);
      const [first, second] = await Promise.all([at.go(at.tasks.script, [there, back], ping), at.go(at.tasks.script, [there, back], pong)]);
      expect(first).toEqual(range(n).flatMap((i) => ["sent", 100 + i]));
      expect(second).toEqual(range(n).flatMap((i) => [i, "sent"]));
      there.close();
      back.close();
    },

    async "a send that times out delivers nothing; a select that gives up delivers nothing"(at) {
      const ch = at.channel();
      expect(await at.go(at.selects.within, ch, "send", 2)).toBe("ERR_TIMEOUT");
      expect((await at.go(at.selects.orLate, ch, "send", 2)).case).toBe("late");
      expect((await select({ sent: ch.sending(3), late: after(1) })).case).toBe("late");
      const receiving = at.go(at.tasks.recvRun, ch.receiver, 1);
      await at.waiting(ch, { receivers: 1 });
      expect(ch.trySend(4)).toBe(true);
      expect(await receiving).toEqual([4]);
      ch.close();
    },
  },
};

export const iter: Group = {
  name: "iter",
  source: "crossbeam tests/iter.rs; Go spec: for statements with range over a channel",
  tests: {
    async "a loop over a channel ends at its close, after what was accepted"(at) {
      const ch = at.channel();
      const looping = at.go(at.tasks.recvAll, ch.receiver);
      for (let i = 0; i < 20; i++) await ch.send(i);
      ch.close();
      expect(await looping).toEqual(range(20));
      expect(await at.go(at.tasks.recvAll, ch.receiver)).toEqual([]);
    },

    async "a loop that is left takes nothing more; the next one goes on from there"(at) {
      const ch = at.channel();
      const sending = at.go(at.tasks.sendRunAndClose, ch.sender, 0, 20);
      expect(await at.go(at.tasks.firstOf, ch.receiver, 5)).toEqual(range(5));
      for await (const value of ch) {
        expect(value).toBe(5);
        break;
      }
      expect(await at.go(at.tasks.recvAll, ch.receiver)).toEqual(range(14, 6));
      await sending;
    },

    async "two loops share the values of one channel and both end"(at) {
      const ch = at.channel();
      const loops = [at.go(at.tasks.recvAll, ch.receiver), at.go(at.tasks.recvAll, ch.receiver)];
      await at.go(at.tasks.sendRunAndClose, ch.sender, 0, 40);
      expect(sorted((await Promise.all(loops)).flat())).toEqual(range(40));
    },
  },
};
