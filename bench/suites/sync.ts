/**
 * Sync primitives: S13 of TARGETS.
 */
import { heddleCancelled } from "../contenders/heddle-cancelled.ts";
import { heddleMutex } from "../contenders/heddle-mutex.ts";
import { turnsExpected } from "../contenders/loops.ts";
import { rawLoad } from "../contenders/raw-load.ts";
import { rawLock } from "../contenders/raw-lock.ts";
import type { Effort, Scenario, Suite } from "../harness/scenario.ts";

const LOCK = "mutex nobody else wants: lock and unlock";
const LOOK = "a look at whether to go on, added to each turn of a hot loop";

function scenarios({ quick }: Effort): Scenario[] {
  const pairs = quick ? 50_000 : 2_000_000;
  const looks = quick ? 500_000 : 50_000_000;
  const row = { id: "S13", warmUps: quick ? 3 : 8 };
  return [
    { ...row, title: LOCK, unit: "ns/pair", expected: turnsExpected(pairs), contenders: [heddleMutex(pairs), rawLock(pairs)] },
    { ...row, title: LOOK, unit: "ns/look", expected: turnsExpected(looks), contenders: [heddleCancelled(looks), rawLoad(looks)] },
  ];
}

export const sync: Suite = {
  name: "sync",
  scenarios,
  targets: [
    { id: "S13", target: "lock and unlock: ≤ 60 ns (ratio: of 60)", of: { scenario: LOCK, contender: "heddle" }, to: 60, atMost: 1 },
    {
      id: "S13",
      target: "cancelled: adds ≤ 1.2 × what one Atomics.load adds",
      of: { scenario: LOOK, contender: "heddle" },
      to: { scenario: LOOK, contender: "one Atomics.load" },
      atMost: 1.2,
    },
  ],
  later: {},
};
