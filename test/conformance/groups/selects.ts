// select among many channels, against another select, against itself; its fairness.

import { expect } from "vitest";
import { select, trySelect } from "../../../src/index.ts";
import { close, drain, type Group, range, sorted } from "../support.ts";

export const doubleSelect: Group = {
  name: "doubleselect",
  source: "Go test/chan/doubleselect.go; crossbeam tests/golang.rs",
  tests: {
    async "a value that one select sends over four channels arrives once"(at) {
      const n = at.placement.run;
      const inputs = range(4).map(() => at.channel());
      const merged = at.channel();
      const relays = inputs.map((input) => at.go(at.tasks.relay, input.receiver, merged.sender));
      const spreading = at.go(
        at.selects.spread,
        inputs.map((input) => input.sender),
        0,
        n,
      );
      const got: unknown[] = [];
      for (let i = 0; i < n; i++) got.push(await merged.recv());
      const taken = await spreading;
      close(...inputs);
      expect(await Promise.all(relays)).toEqual(taken);
      expect(sorted(got as number[])).toEqual(range(n));
      expect(await drain(merged)).toEqual([]);
    },
  },
};

export const selectStress: Group = {
  name: "select stress",
  source:
    "Go runtime/chan_test.go TestSelectStress, test/chan/select2.go; crossbeam tests/select.rs: stress_recv, stress_send, stress_mixed",
  tests: {
    async "plain and selecting senders and receivers over two channels: all accounted for"(at) {
      const n = at.placement.run;
      const channels = [at.channel(), at.channel(0)];
      const inputs = channels.map((ch) => ch.receiver);
      const receiving = channels.map((ch) => at.go(at.tasks.recvAll, ch.receiver));
      const gathering = at.go(at.selects.gather, inputs);
      const sending = channels.map((ch, i) => at.go(at.tasks.sendRun, ch.sender, 10_000 * (i + 1), n));
      const spreading = at.go(
        at.selects.spreadEach,
        channels.map((ch) => ch.sender),
        50_000,
        n,
      );
      await Promise.all([...sending, spreading]);
      close(...channels);
      const [plain, gathered] = [await Promise.all(receiving), await gathering];
      for (const i of [0, 1]) {
        const all = sorted([...plain[i]!, ...gathered[i]!]);
        expect(all).toEqual([...range(n, 10_000 * (i + 1)), ...range(n, 50_000)]);
      }
    },

    async "selects over many channels keep nothing behind: the heap is as before"(at) {
      const channels = range(16).map(() => at.channel());
      const outs = channels.map((ch) => ch.sender);
      const inputs = channels.map((ch) => ch.receiver);
      const round = async () => {
        const picking = at.go(at.selects.pick, inputs, 60);
        const taken = await at.go(at.selects.spread, outs, 0, 60);
        expect((await picking).counts).toEqual(taken);
      };
      await round();
      const before = at.rt.heapUse();
      for (let i = 0; i < 3; i++) await round();
      expect({ ...at.rt.heapUse(), opChunks: 0, touchedBytes: 0, usedBytes: 0 }).toEqual({
        ...before,
        opChunks: 0,
        touchedBytes: 0,
        usedBytes: 0,
      });
      close(...channels);
    },
  },
};

/** Pearson's chi-square against a uniform distribution. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Exceeded by chance once in 10⁷, for two degrees of freedom and for one. */
const LIMIT = [NaN, 28.4, 32.2];

export const fairness: Group = {
  name: "select fairness",
  source:
    "Go runtime/chan_test.go TestSelectFairness, TestPseudoRandomSend; crossbeam tests/select.rs: fairness1, fairness2, fairness_recv, fairness_send",
  tests: {
    async "three channels at their end are each picked about as often"(at) {
      const channels = range(3).map(() => at.channel());
      close(...channels);
      const { counts } = await at.go(
        at.selects.pick,
        channels.map((ch) => ch.receiver),
        900,
      );
      expect(chiSquare(counts)).toBeLessThan(LIMIT[2]!);
    },

    async "two channels that always bring something are each picked about as often"(at) {
      const channels = [at.channel(), at.channel()];
      const n = at.placement.run;
      const sending = channels.map(async (ch, i) => {
        await Promise.all(range(n).map((j) => ch.send(1_000 * i + j)));
      });
      const { counts, values } = await at.go(
        at.selects.pick,
        channels.map((ch) => ch.receiver),
        n,
      );
      expect(chiSquare(counts)).toBeLessThan(LIMIT[1]!);
      const rest: unknown[] = [];
      for (let i = 0; i < n; i++) rest.push((await select(channels)).value);
      expect(sorted([...values, ...(rest as number[])])).toEqual([...range(n), ...range(n, 1_000)]);
      await Promise.all(sending);
      close(...channels);
    },

    async "zeros and ones sent on one channel come up about as often"(at) {
      const ch = at.channel();
      const n = 2 * at.placement.run;
      const tossing = at.go(at.selects.coins, ch.sender, n);
      const got = await at.go(at.tasks.recvAll, ch.receiver);
      await tossing;
      const heads = got.filter((value) => value === 1).length;
      expect(got).toHaveLength(n);
      expect(chiSquare([heads, n - heads])).toBeLessThan(LIMIT[1]!);
    },
  },
};

export const selectSelf: Group = {
  name: "select of self",
  source: "Go runtime/chan_test.go TestSelfSelect; crossbeam tests/same_channel.rs, tests/select.rs: matching, matching_with_leftover",
  tests: {
    async "two tasks that send and receive on one channel in one select"(at) {
      const ch = at.channel();
      const n = Math.min(60, at.placement.run);
      const [a, b] = await Promise.all([at.go(at.selects.meetSelf, ch, 0, n), at.go(at.selects.meetSelf, ch, 1_000, n)]);
      expect(sorted([...a, ...b])).toEqual([...range(n), ...range(n, 1_000)]);
      if (at.capacity === 0) expect([a, b]).toEqual([range(n, 1_000), range(n)]); // never its own
      ch.close();
    },

    async "one alone waits at capacity 0, and at any other it meets its own value"(at) {
      const ch = at.channel();
      const alone = at.go(at.selects.meetSelf, ch, 7, 1);
      if (at.capacity === 0) {
        await at.waiting(ch, { receivers: 1, senders: 1 });
        expect(trySelect({ ch })?.value).toBe(7);
        await ch.send(8);
      }
      expect(await alone).toEqual([at.capacity === 0 ? 8 : 7]);
      ch.close();
    },

    async "of an even number everybody finds a partner"(at) {
      const meeting = at.channel(0);
      const pairs = range(at.placement.isDedicated ? 6 : 12).map((i) => at.go(at.selects.pairUp, meeting, i));
      const taken = await Promise.all(pairs);
      const given = taken.filter((value) => value === -1).length;
      expect(given).toBe(pairs.length / 2);
      const numbers = taken.filter((value) => value !== -1);
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(taken.every((value, i) => value !== i)).toBe(true);
      meeting.close();
    },

    async "of an odd number one is left, and a plain sender meets it"(at) {
      const meeting = at.channel(0);
      const pairs = range(5).map((i) => at.go(at.selects.pairUp, meeting, i));
      await at.waiting(meeting, { receivers: 1, senders: 1 });
      await meeting.send(99);
      expect((await Promise.all(pairs)).filter((value) => value === 99)).toEqual([99]);
      meeting.close();
    },
  },
};

export const facing: Group = {
  name: "select facing select",
  source: "crossbeam tests/select.rs: cycle of selects, stress_mixed; Go test/chan/select6.go, runtime/select.go (lock order)",
  tests: {
    async "two selects, each with one end of each channel"(at) {
      const [a, b] = [at.channel(), at.channel()];
      const n = Math.min(60, at.placement.run);
      const got = await Promise.all([
        at.go(at.selects.exchange, a.sender, b.receiver, 0, n),
        at.go(at.selects.exchange, b.sender, a.receiver, 1_000, n),
      ]);
      expect(got).toEqual([range(n, 1_000), range(n)]);
      close(a, b);
    },

    async "a ring of five selects, each gives to the next and takes from the one before"(at) {
      const ring = range(5).map(() => at.channel());
      const n = 20;
      const tasks = ring.map((ch, i) => at.go(at.selects.exchange, ch.sender, ring[(i + 4) % 5]!.receiver, 100 * i, n));
      expect(await Promise.all(tasks)).toEqual(ring.map((_, i) => range(n, 100 * ((i + 4) % 5))));
      close(...ring);
    },

    async "a waiting select is met by a select: both agree"(at) {
      const [a, b] = [at.channel(0), at.channel(0)];
      const waiting = at.go(at.tasks.script, [a, b], [["select", ["send", 0, 1], ["recv", 1]]]);
      await at.waiting(a, { senders: 1 });
      await at.waiting(b, { receivers: 1 });
      const met = trySelect([a, b.sending(2)]);
      expect(met).toBeDefined();
      expect([met!.case, (await waiting)[0]]).toEqual(met!.case === 0 ? [0, "0: sent"] : [1, "1: 2"]);
      await at.waiting(a, {});
      await at.waiting(b, {});
      close(a, b);
    },
  },
};
