// The cases of a select: one channel named more than once, and disabled ones.

import { expect } from "vitest";
import { CLOSED, select, trySelect } from "../../../src/index.ts";
import { drain, type Group, range } from "../support.ts";

export const duplicates: Group = {
  name: "same channel twice",
  source: "Go runtime/chan_test.go TestSelectDuplicateChannel; crossbeam tests/same_channel.rs",
  tests: {
    async "both names come up, each value once"(at) {
      const ch = at.channel();
      const n = 60;
      const sending = at.go(at.tasks.sendRun, ch.sender, 0, n);
      const { counts, values } = await at.go(at.selects.pick, [ch.receiver, ch.receiver], n);
      await sending;
      expect(values).toEqual(range(n));
      expect(Math.min(...counts)).toBeGreaterThan(0);
      ch.close();
    },

    async "a waiting one is woken once and leaves nothing"(at) {
      const ch = at.channel();
      const first = at.go(at.selects.pickOne, [ch.receiver, ch.receiver, ch.receiver]);
      await at.waiting(ch, { receivers: 1 });
      expect(ch.trySend(5)).toBe(true);
      expect((await first).value).toBe(5);
      expect(ch.trySend(6)).toBe(at.capacity > 0);
      expect(await drain(ch)).toEqual(at.capacity > 0 ? [6] : []);
    },

    async "two sends of one channel: one of the values"(at) {
      const ch = at.full();
      const sending = at.go(at.tasks.script, [ch], [["select", ["send", 0, 100], ["send", 0, 101]]]);
      await at.waiting(ch, { senders: 1 });
      const got = await at.go(at.tasks.recvRun, ch.receiver, at.capacity + 1);
      const outcome = (await sending)[0];
      expect(got.at(-1)).toBe(outcome === "0: sent" ? 100 : 101);
      expect(await drain(ch)).toEqual([]);
    },
  },
};

export const disabled: Group = {
  name: "nil",
  source:
    "Go test/chan/select3.go, select5.go, runtime/chan_test.go TestChan (nil channels), spec: a nil channel is never ready; crossbeam tests/never.rs",
  tests: {
    async "disabled cases never happen, waiting or not"(at) {
      const [ch, full] = [at.channel(), at.full()];
      expect(
        await at.go(
          at.tasks.script,
          [ch],
          [
            ["trySelect", null, null],
            ["trySelect", null, ["recv", 0]],
          ],
        ),
      ).toEqual(["none", "none"]);
      const waiting = at.go(at.tasks.script, [ch, full], [["select", null, ["recv", 0], null, ["send", 1, 9]]]);
      await at.waiting(ch, { receivers: 1 });
      await at.waiting(full, { senders: 1 });
      expect(ch.trySend(1)).toBe(true);
      expect(await waiting).toEqual(["1: 1"]);
      await at.waiting(full, {});
      ch.close();
      expect(await drain(full)).toEqual(range(at.capacity));
    },

    async "nothing but disabled cases waits until its timeout or its signal"(at) {
      await expect(select([undefined, null], { timeoutMs: 2 })).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
      const controller = new AbortController();
      const waiting = select({ no: undefined }, { signal: controller.signal });
      controller.abort("enough");
      await expect(waiting).rejects.toMatchObject({ code: "ABORT_ERR", cause: "enough" });
      expect(trySelect([])).toBeUndefined();
      expect(at.channel().close()).toBeUndefined();
    },

    async "a merge disables each input at its end, until none is left"(at) {
      const inputs = range(3).map(() => at.channel());
      const gathering = at.go(
        at.selects.gather,
        inputs.map((input) => input.receiver),
      );
      for (const [i, input] of inputs.entries()) {
        await at.go(at.tasks.sendRunAndClose, input.sender, 100 * i, 5 * (i + 1));
      }
      expect(await gathering).toEqual(inputs.map((_, i) => range(5 * (i + 1), 100 * i)));
      for (const input of inputs) expect(input.tryRecv()).toBe(CLOSED);
    },
  },
};
