// Timers as cases and by themselves, and channels that carry channels.

import { expect } from "vitest";
import {
  after,
  type Channel,
  channelOf,
  f64,
  never,
  receiverOf,
  select,
  senderOf,
  structured,
  tick,
  trySelect,
} from "../../../src/index.ts";
import { drain, type Group, range } from "../support.ts";

export const timers: Group = {
  name: "timers",
  source: "crossbeam tests/after.rs, tick.rs, never.rs; Go time.After, time.Tick in a select",
  tests: {
    async "after beside a channel that brings nothing: late, not early"(at) {
      const quiet = at.channel();
      expect(await at.go(at.selects.orLate, quiet, "recv", 3)).toEqual({ case: "late", early: false });
      await at.waiting(quiet, {});
      quiet.close();
    },

    async "after beside a channel that has no room: late, and nothing was sent"(at) {
      const full = at.full();
      expect(await at.go(at.selects.orLate, full, "send", 3)).toEqual({ case: "late", early: false });
      await at.waiting(full, {});
      expect(await drain(full)).toEqual(range(at.capacity));
    },

    async "a value that comes first wins, and the timer is forgotten"(at) {
      const ch = at.channel();
      const waiting = at.go(at.selects.orLate, ch, "recv", 60_000);
      await at.waiting(ch, { receivers: 1 });
      expect(ch.trySend(1)).toBe(true);
      expect((await waiting).case).toBe("done");
      ch.close();
    },

    async "a close that comes first wins too"(at) {
      const ch = at.channel();
      const waiting = at.go(at.selects.orLate, ch, "recv", 60_000);
      await at.waiting(ch, { receivers: 1 });
      ch.close();
      expect((await waiting).case).toBe("done");
    },

    async "tick goes on beside values until the channel ends"(at) {
      const ch = at.channel();
      const ticked = at.go(at.selects.ticking, ch.receiver, 2);
      await at.waiting(ch, { receivers: 1 });
      for (let i = 0; i < 5; i++) {
        await ch.send(i);
        await after(3).recv();
      }
      ch.close();
      const { instants, values } = await ticked;
      expect(values).toEqual(range(5));
      expect(instants.length).toBeGreaterThan(1);
      for (const [i, instant] of instants.slice(1).entries()) expect(instant - instants[i]!).toBeGreaterThanOrEqual(1.999);
    },

    async "a timeout of a plain receive and send"(at) {
      const [quiet, full] = [at.channel(), at.full()];
      expect(await at.go(at.selects.within, quiet, "recv", 2)).toBe("ERR_TIMEOUT");
      expect(await at.go(at.selects.within, full, "send", 2)).toBe("ERR_TIMEOUT");
      expect(await at.go(at.selects.within, quiet, "recv", 0)).toBe("ERR_TIMEOUT");
      quiet.close();
      expect(await at.go(at.selects.within, quiet, "recv", 2)).toBe("closed");
      expect(await drain(full)).toEqual(range(at.capacity));
    },
  },
};

export const clocks: Group = {
  name: "clocks",
  source: "crossbeam tests/after.rs: fire, two_selects, zero; tests/tick.rs: intervals; tests/never.rs",
  capacities: { only: [0], because: "no channel is in them" },
  except: { two: "timers belong to the thread that waits", own: "timers belong to the thread that waits" },
  tests: {
    async "after fires once; of two waits on it one is served"() {
      const once = after(2);
      const due = once.dueMs;
      expect(await once.recv()).toBe(due);
      await expect(once.recv({ timeoutMs: 2 })).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
      const shared = after(2);
      const served = await Promise.allSettled([select({ shared }, { timeoutMs: 20 }), select({ shared }, { timeoutMs: 20 })]);
      expect(served.map((one) => one.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    },

    async "of several the soonest; a due one needs no wait; never is never"() {
      const chosen = await select({ a: after(50), b: after(1), c: never() });
      expect(chosen.case).toBe("b");
      expect(trySelect({ zero: after(0), no: never() })?.case).toBe("zero");
      expect(trySelect({ later: after(1_000), no: never() })).toBeUndefined();
      await expect(never().recv({ timeoutMs: 2 })).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
    },

    async "tick keeps its beat: instants are whole intervals apart, missed ones are skipped"() {
      const clock = tick(2);
      const instants = [await clock.recv(), await clock.recv()];
      const until = performance.now() + 9;
      while (performance.now() < until); // too busy to take any
      instants.push(await clock.recv(), await clock.recv());
      const gaps = instants.slice(1).map((instant, i) => Math.round((instant - instants[i]!) * 1_000) / 1_000);
      for (const gap of gaps) expect(gap % 2).toBe(0);
      expect(gaps.every((gap) => gap >= 2)).toBe(true);
    },
  },
};

export const channels: Group = {
  name: "channel through channel",
  source:
    "crossbeam tests/mpsc.rs and golang.rs: channel_through_channel, linked channels; Go test/chan/powser1.go (requests that carry the reply's channel)",
  tests: {
    async "each channel brings the next, thirty deep"(at) {
      const first = at.channelOf(structured<unknown>());
      const depth = 30;
      const nesting = at.go(at.programs.nestChannels, first, depth, at.capacity);
      const { channels: followed, last, numbers } = await at.go(at.programs.followChannels, first);
      await nesting;
      expect([followed, last]).toEqual([depth, depth]);
      expect(numbers).toEqual(at.capacity > 0 ? range(depth + 1) : [depth]);
    },

    async "requests that carry the channel of their answer: one server, three clients"(at) {
      const requests = at.channelOf(channelOf(f64));
      const server = at.go(at.programs.squares, requests.receiver);
      const clients = range(3).map((i) => at.go(at.programs.askSquares, requests.sender, 100 * i, 12));
      expect(await Promise.all(clients)).toEqual([true, true, true]);
      requests.close();
      expect(await server).toBe(36);
    },

    async "just an end travels, and is used at the other side"(at) {
      const inner = at.channel();
      const [senders, receivers] = [at.channelOf(senderOf(f64)), at.channelOf(receiverOf(f64))];
      const sending = at.go(at.programs.useSender, senders.receiver, 15);
      const receiving = at.go(at.programs.useReceiver, receivers.receiver);
      await senders.send(inner.sender);
      await receivers.send(inner.receiver);
      expect([await sending, await receiving]).toEqual([15, range(15)]);
      senders.close();
      receivers.close();
    },

    async "a channel closed while its handle is under way arrives closed"(at) {
      const carrier = at.channelOf(channelOf(f64));
      const inner: Channel<number> = at.channel(2);
      inner.trySend(1);
      const opening = at.go(at.programs.drainReceived, carrier.receiver);
      const sent = carrier.send(inner);
      inner.close();
      await sent;
      expect(await opening).toEqual([1]);
      carrier.close();
    },
  },
};
