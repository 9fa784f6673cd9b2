/**
 * Startup: from nothing to the first result of a pool of two threads. What a runtime of two threads costs beside bare Workers is S15, of the tasks suite.
 */
import { FIRST, firstResult, fromNothing } from "../contenders/first-result.ts";
import { PEERS } from "../contenders/peers.ts";
import type { Effort, Scenario, Suite } from "../harness/scenario.ts";

function scenarios({ quick }: Effort): Scenario[] {
  const row = { id: "startup", unit: "ms", expected: { result: FIRST.number } };
  return [
    {
      ...row,
      title: "2 threads to the first result, in a process that has done it before",
      contenders: PEERS.map((library) => firstResult(library)),
      warmUps: quick ? 1 : 2,
    },
    {
      ...row,
      title: "2 threads to the first result, from a process that is yet to start (plain: Node alone)",
      contenders: [fromNothing(undefined), ...PEERS.map((library) => fromNothing(library))],
      warmUps: 1, // the files are in memory then, as on any machine that has started the program before
    },
  ];
}

export const startup: Suite = { name: "startup", scenarios, targets: [], later: {} };
