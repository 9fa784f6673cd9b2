/**
 * Heddle's go() as a contender: trivial tasks from the main thread to two threads.
 */
import { Runtime } from "../../src/index.ts";
import type { Contender, Sample } from "../harness/scenario.ts";
import { type Calls, oneByOne, pipelined } from "./calls.ts";

function heddleGo(run: (calls: Calls) => Promise<Sample>): Contender {
  let rt: Runtime;
  let calls: Calls;
  return {
    name: "heddle",
    family: "heddle",
    async open() {
      rt = await Runtime.start({ threads: 2 });
      const tasks = rt.module<typeof import("../suites/tasks-tasks.ts")>(new URL("../suites/tasks-tasks.js", import.meta.url));
      calls = (value) => rt.go(tasks.echo, value);
    },
    run: () => run(calls),
    async close() {
      await rt.close();
    },
  };
}

export function heddlePipelined(total: number): Contender {
  return heddleGo((calls) => pipelined(calls, total));
}

export function heddleOneByOne(total: number): Contender {
  return heddleGo((calls) => oneByOne(calls, total));
}
