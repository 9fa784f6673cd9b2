// Closing: who waits is woken, what was accepted drains, exactly one close succeeds, and nothing is lost or made up when it races.

import { expect } from "vitest";
import { CLOSED } from "../../../src/index.ts";
import { close, drain, type Group, isClosedError, range, sorted } from "../support.ts";

/** More values than a sender gets rid of before the close. */
const FAR = 10_000_000;

export const closing: Group = {
  name: "close",
  source:
    "Go test/chan/close.go, runtime/chan_test.go TestChan, TestNonblockRecvRace; crossbeam disconnect_wakes_receiver, disconnect_wakes_sender",
  tests: {
    async "wakes every waiting receiver with the end"(at) {
      const ch = at.channel();
      const waiting = range(5).map(() =>
        at.go(
          at.tasks.script,
          [ch],
          [
            ["recv", 0],
            ["recv", 0],
          ],
        ),
      );
      await at.waiting(ch, { receivers: 5 });
      ch.close();
      for (const one of waiting) expect(await one).toEqual(["closed", "closed"]);
    },

    async "wakes every waiting sender with an error; their values are not delivered, the buffered ones are"(at) {
      const ch = at.full();
      const waiting = range(5).map((i) => at.go(at.tasks.script, [ch], [["send", 0, 100 + i]]));
      await at.waiting(ch, { senders: 5 });
      ch.close();
      for (const one of waiting) expect(await one).toEqual(["ERR_CHANNEL_CLOSED"]);
      expect(await at.go(at.tasks.recvAll, ch.receiver)).toEqual(range(at.capacity));
      expect(ch.tryRecv()).toBe(CLOSED);
    },

    async "wakes a select that waits to receive, one that waits to send, and leaves their other cases nowhere"(at) {
      const [ch, quiet] = [at.channel(), at.channel(0)];
      const receiving = range(2).map(() => at.go(at.tasks.script, [ch, quiet], [["select", ["recv", 1], ["recv", 0]]]));
      await at.waiting(ch, { receivers: 2 });
      ch.close();
      for (const one of receiving) expect(await one).toEqual(["1: closed"]);
      const full = at.full();
      const sending = range(2).map(() => at.go(at.tasks.script, [full, quiet], [["select", ["recv", 1], ["send", 0, 9]]]));
      await at.waiting(full, { senders: 2 });
      full.close();
      for (const one of sending) expect(await one).toEqual(["ERR_CHANNEL_CLOSED"]);
      await at.waiting(quiet, {});
      expect(await drain(quiet)).toEqual([]);
      for await (const _ of full);
    },

    async "of many closes one succeeds and the others throw, while receivers wait"(at) {
      for (let round = 0; round < 4; round++) {
        const ch = at.channel();
        const waiting = [at.go(at.tasks.script, [ch], [["recv", 0]])];
        await at.waiting(ch, { receivers: 1 });
        const closers = range(4).map(() => at.go(at.tasks.script, [ch], [["close", 0]]));
        const outcomes = (await Promise.all(closers)).flat();
        expect(outcomes.toSorted()).toEqual(["ERR_CHANNEL_CLOSED", "ERR_CHANNEL_CLOSED", "ERR_CHANNEL_CLOSED", "ok"]);
        expect(await waiting[0]).toEqual(["closed"]);
        expect(() => ch.close()).toThrow(isClosedError);
        expect(() => ch.trySend(1)).toThrow(isClosedError);
      }
    },

    async "races senders: what they were told was accepted is received, and nothing else"(at) {
      for (let round = 0; round < 4; round++) {
        const ch = at.channel();
        const senders = range(3).map((i) => at.go(at.tasks.sendRun, ch.sender, i * FAR, FAR));
        const receiving = at.go(at.tasks.recvAll, ch.receiver);
        const taken: unknown[] = [];
        for (let i = 0; i < 3 * round; i++) taken.push(await ch.recv());
        ch.close();
        const accepted = await Promise.all(senders);
        const got = await receiving;
        for (const [i, count] of accepted.entries()) {
          const own = (values: readonly number[]) => values.filter((value) => Math.floor(value / FAR) === i);
          expect(sorted([...own(taken as number[]), ...own(got)])).toEqual(range(count, i * FAR));
          expect(own(got)).toEqual(sorted(own(got)));
        }
      }
    },

    async "races selects that receive and send: each ends with the end or the error"(at) {
      const [a, b] = [at.channel(), at.channel()];
      const selecting = range(2).map(() => at.go(at.selects.untilClosed, a.receiver, b.sender));
      const eating = at.go(at.tasks.recvAll, b.receiver);
      const feeding = at.go(at.tasks.sendRun, a.sender, 0, 10_000);
      await a.recv();
      a.close();
      for (const one of selecting) expect(await one).toBe("end");
      await feeding;
      const quiet = at.channel(0);
      const others = range(2).map(() => at.go(at.selects.untilClosed, quiet.receiver, b.sender));
      expect(await b.recv()).toBe(1);
      b.close();
      for (const one of others) expect(await one).toBe("ERR_CHANNEL_CLOSED");
      await eating;
      await at.waiting(quiet, {});
      quiet.close();
    },

    async "a value that is there is never missed by a receive that races the close"(at) {
      const rounds = at.placement.isDedicated ? 20 : 50;
      for (let round = 0; round < rounds; round++) {
        const ch = at.channel(Math.max(1, at.capacity));
        ch.trySend(round);
        const [got, second] = await Promise.all([
          at.go(at.tasks.script, [ch], [["tryRecv", 0]]),
          (async () => {
            ch.close();
            return ch.tryRecv();
          })(),
        ]);
        expect([got[0], second]).toEqual(second === CLOSED ? [round, CLOSED] : ["closed", round]);
      }
    },

    async "while tasks drain: each value once, then each the end"(at) {
      const ch = at.full();
      const draining = range(3).map(() => at.go(at.tasks.recvAll, ch.receiver));
      ch.close();
      expect(sorted((await Promise.all(draining)).flat())).toEqual(range(at.capacity));
    },
  },
};

export const blockedThenDrained: Group = {
  name: "blocked sends, then drained",
  source: "crossbeam recv_after_disconnect, send_after_disconnect; Go runtime/chan_test.go TestChan",
  tests: {
    async "blocked sends go through one by one as the buffer is drained, before the close"(at) {
      const ch = at.full();
      const sending: PromiseLike<unknown>[] = [];
      for (let i = 0; i < 4; i++) {
        sending.push(at.go(at.tasks.script, [ch], [["send", 0, at.capacity + i]]));
        await at.waiting(ch, { senders: i + 1 });
      }
      for (let i = 0; i < 4; i++) {
        expect(ch.tryRecv()).toBe(i);
        await at.waiting(ch, { senders: 3 - i });
        expect(await sending[i]).toEqual(["sent"]);
      }
      ch.close();
      expect(await at.go(at.tasks.recvAll, ch.receiver)).toEqual(range(at.capacity, 4));
    },

    async "a close after half of them: those in stay in, the others are refused"(at) {
      const ch = at.full();
      const sending: PromiseLike<unknown>[] = [];
      for (let i = 0; i < 4; i++) {
        sending.push(at.go(at.tasks.script, [ch], [["send", 0, at.capacity + i]]));
        await at.waiting(ch, { senders: i + 1 });
      }
      expect([await ch.recv(), await ch.recv()]).toEqual([0, 1]);
      ch.close();
      expect(await Promise.all(sending)).toEqual([["sent"], ["sent"], ["ERR_CHANNEL_CLOSED"], ["ERR_CHANNEL_CLOSED"]]);
      expect(await at.go(at.tasks.recvAll, ch.receiver)).toEqual(range(at.capacity, 2));
      expect(() => close(ch)).toThrow(isClosedError);
    },
  },
};
