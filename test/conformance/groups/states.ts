// What every operation does in every state of a channel, without and with somebody waiting; the tasks do it step by step.

import { expect } from "vitest";
import { bool, type Channel, CLOSED, type Codec, EMPTY, structured, utf8 } from "../../../src/index.ts";
import type { Outcome, Step } from "../../fixtures/conformance.ts";
import { drain, type Group, type Place, range } from "../support.ts";

/** Has a task do the steps, and compares. */
async function expectSteps(at: Place, channels: readonly Channel<number>[], steps: readonly (readonly [Step, Outcome])[]): Promise<void> {
  const outcomes = await at.go(
    at.tasks.script,
    channels,
    steps.map(([step]) => step),
  );
  expect(steps.map(([step], i) => [step, outcomes[i]])).toEqual(steps.map((one) => [...one]));
}

const CLOSED_ERROR = "ERR_CHANNEL_CLOSED";

export const nonblock: Group = {
  name: "nonblock",
  source:
    "Go test/chan/nonblock.go, test/chan/select3.go, test/chan/select7.go, test/ken/chan.go; crossbeam try_send, try_recv, select default",
  tests: {
    async "open and empty"(at) {
      const ch = at.channel();
      const hasRoom = at.capacity > 0;
      await expectSteps(
        at,
        [ch],
        [
          [["tryRecv", 0], "empty"],
          [["trySelect", ["recv", 0]], "none"],
          [["length", 0], 0],
          [["trySend", 0, 5], hasRoom ? "sent" : "full"],
          [["tryRecv", 0], hasRoom ? 5 : "empty"],
          [["trySelect", ["send", 0, 6]], hasRoom ? "0: sent" : "none"],
          [["trySelect", ["recv", 0]], hasRoom ? "0: 6" : "none"],
          [["trySelect"], "none"],
          [["trySelect", null], "none"],
        ],
      );
      ch.close();
    },

    async full(at) {
      const ch = at.full();
      await expectSteps(
        at,
        [ch],
        [
          [["trySend", 0, 99], "full"],
          [["trySelect", ["send", 0, 99]], "none"],
          [["length", 0], at.capacity],
          [["capacity", 0], at.capacity],
          ...range(at.capacity).map((i): [Step, Outcome] => (i % 2 ? [["tryRecv", 0], i] : [["trySelect", ["recv", 0]], `0: ${i}`])),
          [["tryRecv", 0], "empty"],
        ],
      );
      ch.close();
    },

    async "a waiting receiver takes a trySend and a trySelect at any capacity"(at) {
      const ch = at.channel();
      const first = at.go(at.tasks.script, [ch], [["recv", 0]]);
      await at.waiting(ch, { receivers: 1 });
      expect(ch.trySend(7)).toBe(true);
      expect(await first).toEqual([7]);
      const second = at.go(at.tasks.script, [ch], [["recv", 0]]);
      await at.waiting(ch, { receivers: 1 });
      await expectSteps(
        at,
        [ch],
        [
          [["trySelect", ["send", 0, 8]], "0: sent"],
          [["length", 0], 0],
        ],
      );
      expect(await second).toEqual([8]);
      ch.close();
    },

    async "a waiting sender gives to a tryRecv and a trySelect, after what is buffered"(at) {
      const ch = at.full();
      const sending = [];
      for (const i of [0, 1]) {
        sending.push(at.go(at.tasks.script, [ch], [["send", 0, at.capacity + i]]));
        await at.waiting(ch, { senders: i + 1 });
      }
      await expectSteps(
        at,
        [ch],
        [
          [["trySend", 0, 99], "full"],
          [["tryRecv", 0], 0],
          [["trySend", 0, 99], "full"],
          [["trySelect", ["recv", 0]], "0: 1"],
          ...range(at.capacity, 2).map((i): [Step, Outcome] => [["tryRecv", 0], i]),
          [["tryRecv", 0], "empty"],
        ],
      );
      expect(await Promise.all(sending)).toEqual([["sent"], ["sent"]]);
      ch.close();
    },

    async "a waiting select is a receiver and a sender like any other"(at) {
      const [ch, other] = [at.full(), at.channel(0)];
      const sending = at.go(at.tasks.script, [ch, other], [["select", ["send", 0, 50], ["recv", 1]]]);
      await at.waiting(ch, { senders: 1 });
      await expectSteps(
        at,
        [ch],
        [...range(at.capacity), 50].map((value): [Step, Outcome] => [["tryRecv", 0], value]),
      );
      expect(await sending).toEqual(["0: sent"]);
      const receiving = at.go(at.tasks.script, [ch, other], [["select", ["recv", 0], ["send", 1, 1]]]);
      await at.waiting(ch, { receivers: 1 });
      await expectSteps(at, [ch], [[["trySend", 0, 51], "sent"]]);
      expect(await receiving).toEqual(["0: 51"]);
      await at.waiting(other, {});
      ch.close();
      other.close();
    },

    async "closed and empty"(at) {
      const ch = at.channel();
      await expectSteps(
        at,
        [ch],
        [
          [["close", 0], "ok"],
          [["tryRecv", 0], "closed"],
          [["recv", 0], "closed"],
          [["trySelect", ["recv", 0]], "0: closed"],
          [["select", ["recv", 0], null], "0: closed"],
          [["trySend", 0, 1], CLOSED_ERROR],
          [["send", 0, 1], CLOSED_ERROR],
          [["trySelect", ["send", 0, 1]], CLOSED_ERROR],
          [["select", null, ["send", 0, 1]], CLOSED_ERROR],
          [["close", 0], CLOSED_ERROR],
          [["tryRecv", 0], "closed"],
        ],
      );
    },

    async "closed with values"(at) {
      const ch = at.full();
      await expectSteps(
        at,
        [ch],
        [
          [["close", 0], "ok"],
          [["trySend", 0, 1], CLOSED_ERROR],
          [["trySelect", ["send", 0, 1]], CLOSED_ERROR],
          ...range(at.capacity).flatMap((i): [Step, Outcome][] => [
            [["length", 0], at.capacity - i],
            i % 2 ? [["select", ["recv", 0]], `0: ${i}`] : [["tryRecv", 0], i],
          ]),
          [["tryRecv", 0], "closed"],
          [["close", 0], CLOSED_ERROR],
        ],
      );
    },

    async "of several cases the only ready one is it, whatever its place"(at) {
      const channels = range(4).map(() => at.channel());
      const ready = at.channel(1);
      for (const place of range(5)) {
        ready.trySend(place);
        const cases = range(4).map((i) => ["recv", i] as const);
        const steps: Step[] = [["select", ...cases.slice(0, place), ["recv", 4], ...cases.slice(place)]];
        expect(await at.go(at.tasks.script, [...channels, ready], steps)).toEqual([`${place}: ${place}`]);
      }
      for (const ch of [...channels, ready]) ch.close();
    },

    async "one task polls while another offers: every value once, in order"(at) {
      const ch = at.channel();
      const n = Math.min(at.placement.run, 60);
      if (at.capacity === 0) {
        // two that never wait never meet: one side has to
        const sending = at.go(at.tasks.sendRun, ch.sender, 0, n);
        expect(await at.go(at.tasks.poll, ch.receiver, n)).toEqual(range(n));
        expect(await sending).toBe(n);
        const receiving = at.go(at.tasks.recvRun, ch.receiver, n);
        await at.go(at.tasks.offer, ch.sender, 0, n);
        expect(await receiving).toEqual(range(n));
      } else {
        const offering = at.go(at.tasks.offer, ch.sender, 0, n);
        expect(await at.go(at.tasks.poll, ch.receiver, n)).toEqual(range(n));
        await offering;
      }
      ch.close();
    },
  },
};

const KINDS: readonly (readonly [string, Codec<unknown>, readonly unknown[]])[] = [
  ["bool", bool as Codec<unknown>, [true, false]],
  ["utf8", utf8 as Codec<unknown>, ["a", ""]],
  ["structured", structured<unknown>(), [{ a: [1, null] }, undefined]],
];

export const kinds: Group = {
  name: "kinds of values",
  source: "Go test/chan/nonblock.go (each type), test/chan/zerosize.go, test/chan/perm.go; runtime/chan_test.go TestChanSendInterface",
  tests: Object.fromEntries(
    KINDS.map(([name, codec, values]) => [
      `${name}: full, empty, waiting and closed as numbers are`,
      async (at: Place) => {
        const ch = at.channelOf(codec);
        const nth = (i: number) => values[i % values.length];
        for (let i = 0; i < at.capacity; i++) expect(ch.trySend(nth(i))).toBe(true);
        expect(ch.trySend(nth(0))).toBe(false);
        const waiting = ch.send(nth(at.capacity));
        expect(ch.length).toBe(at.capacity);
        for (let i = 0; i <= at.capacity; i++) expect(ch.tryRecv()).toEqual(nth(i));
        await waiting;
        expect(ch.tryRecv()).toBe(EMPTY);
        const echoed = at.channelOf(codec);
        const relaying = at.go(at.tasks.relayAny, ch as Channel<unknown>, echoed as Channel<unknown>);
        for (let i = 0; i < 10; i++) {
          await ch.send(nth(i));
          expect(await echoed.recv()).toEqual(nth(i));
        }
        ch.close();
        expect(await relaying).toBe(10);
        expect(ch.tryRecv()).toBe(CLOSED);
        expect(await drain(echoed)).toEqual([]);
      },
    ]),
  ),
};
