/**
 * Tasks: those that a runtime is asked to start from here, numbered, and noted when they are asked for and when their end is heard of.
 */
import { tracingChannel } from "node:diagnostics_channel";
import type { Launcher, Runtime, TaskTrace } from "../../../src/index.ts";
import { KIND, type Log } from "./log.ts";
import { ticket } from "./ticket.ts";

/** Notes the tasks of one runtime. The answer undoes it. */
export function watchTasks(rt: Runtime, log: Log): () => void {
  let last = 0;
  const numbers = new WeakMap<object, number>();
  const numbered = <A extends unknown[], R>(start: (...args: A) => R) => {
    return (...args: A): R => {
      log.note(KIND.asked, ++last);
      return ticket.run(last, () => start(...args));
    };
  };
  const watched = ({ go, gang }: Launcher): Launcher => ({
    go: numbered(go) as typeof go,
    gang: numbered(gang as (...calls: unknown[]) => unknown) as typeof gang,
  });
  const launcher = rt.with.bind(rt);
  Object.assign(rt, { ...watched(launcher({})), with: (options: object) => watched(launcher(options)) });

  const ends = {
    start(trace: unknown) {
      const number = ticket.getStore();
      if (number !== undefined) numbers.set(trace as TaskTrace, number);
    },
    asyncEnd(trace: unknown) {
      const number = numbers.get(trace as TaskTrace);
      if (number !== undefined) log.note(KIND.heard, number);
    },
  };
  const channel = tracingChannel<object, TaskTrace>("heddle.task");
  channel.start.subscribe(ends.start);
  channel.asyncEnd.subscribe(ends.asyncEnd);
  return () => {
    channel.start.unsubscribe(ends.start);
    channel.asyncEnd.unsubscribe(ends.asyncEnd);
  };
}
