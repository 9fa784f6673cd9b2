// Progress: tasks that are kept busy by messages do not keep others from starting, and everybody who waits is woken.

import { expect } from "vitest";
import { until } from "../../support/heap.ts";
import { close, type Group, range } from "../support.ts";

const FOREVER = 1e9;

/** Ends of tasks that exchange until their channels are closed. */
const ends = (tasks: readonly PromiseLike<unknown>[]) =>
  Promise.all(
    tasks.map((task) => Promise.resolve(task).catch((error: unknown) => expect(error).toMatchObject({ code: "ERR_CHANNEL_CLOSED" }))),
  );

export const progress: Group = {
  name: "progress",
  source: "Go runtime/proc_test.go TestYieldProgress, TestGoroutineParallelism; test/ken/chan.go",
  tests: {
    async "a task starts and ends although tasks that exchange messages fill every thread"(at) {
      const pairs = range(at.placement.isDedicated ? 2 : 4).map(() => [at.channel(0), at.channel(0)] as const);
      const busy = pairs.flatMap(([a, b]) => [
        at.go(at.selects.exchange, a.sender, b.receiver, 0, FOREVER),
        at.go(at.selects.exchange, b.sender, a.receiver, 0, FOREVER),
      ]);
      const ch = at.channel();
      for (let i = 0; i < 3; i++) {
        const late = at.go(at.tasks.sendRun, ch.sender, 10 * i, 3);
        expect([await ch.recv(), await ch.recv(), await ch.recv()]).toEqual(range(3, 10 * i));
        expect(await late).toBe(3);
      }
      for (const [a, b] of pairs) close(a, b);
      await ends(busy);
      ch.close();
    },

    async "tasks start and end although the calling thread is filled with messages of its own"(at) {
      const [there, back] = [at.channel(0), at.channel(0)];
      const answering = (async () => {
        for await (const value of there) await back.send(value);
      })();
      let isOver = false;
      let rounds = 0;
      const asking = (async () => {
        for (; !isOver; rounds++) {
          const answer = back.recv();
          await there.send(rounds);
          await answer;
        }
      })();
      await until(() => rounds > 100, "the calling thread is busy");
      const ch = at.channel();
      const tasks = range(4).map((i) => at.go(at.tasks.sendRun, ch.sender, i, 1));
      const got = range(4).map(() => ch.recv());
      expect(((await Promise.all(got)) as number[]).toSorted()).toEqual(range(4));
      expect(await Promise.all(tasks)).toEqual([1, 1, 1, 1]);
      isOver = true;
      await asking;
      there.close();
      await answering;
      close(back, ch);
    },
  },
};
