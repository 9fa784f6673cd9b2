/**
 * Loops: contenders that repeat one small thing on a dedicated thread, alone there; nothing of another thread is measured.
 */
import type { Contender, Family, Sample } from "../harness/scenario.ts";
import { figures, type Line, Stage } from "./stage.ts";
import { nameOf } from "./witness.ts";

/** Every turn adds its number: what a loop of so many turns must have seen. */
export function turnsExpected(turns: number) {
  return { count: turns, sum: (turns * (turns - 1)) / 2 };
}

/**
 * Time per turn. `start` starts the task, which is ordered how many turns, and reports the
 * nanoseconds they took, then their number, their sum and who. Raw loops have no name but what they do.
 */
export function loopOn(name: string, family: Family, turns: number, start: (stage: Stage, line: Line) => PromiseLike<unknown>): Contender {
  let stage: Stage;
  return {
    name,
    family,
    async open() {
      stage = await Stage.open(1);
      stage.keep(start(stage, stage.line()));
    },
    async run(): Promise<Sample> {
      const [line] = stage.lines;
      await line!.orders.send(turns);
      const [ns, count, sum, mark] = await figures(line!, 4);
      const who = nameOf(mark);
      return { value: ns! / turns, seen: { count: count!, sum: sum! }, by: who === "raw" && family === "raw" ? name : who };
    },
    close: () => stage.close(),
  };
}
