/**
 * Select over channels of which one is ready: S12 of TARGETS.
 */
import { type Door, heddleSelect, PLAIN } from "../contenders/heddle-select.ts";
import { expectedOf } from "../contenders/numbers.ts";
import type { Effort, Scenario, Target } from "../harness/scenario.ts";

const DOORS: readonly { readonly door: Door; readonly title: string }[] = [
  { door: "try", title: "select over 2, 16 and 256 channels, one ready, same thread: trySelect" },
  { door: "sync", title: "select over 2, 16 and 256 channels, one ready, same thread: selectSync" },
  { door: "async", title: "select over 2, 16 and 256 channels, one ready, same thread: await select" },
];
const CASES = [2, 16, 256];

const over = (cases: number) => `over ${cases}`;

export function scenarios({ quick }: Effort): Scenario[] {
  const total = quick ? 2_048 : 32_768;
  return DOORS.map(({ door, title }) => ({
    id: "S12",
    title,
    unit: "ns/value",
    expected: expectedOf(1, total),
    contenders: [heddleSelect(PLAIN[door], door, 0, total), ...CASES.map((cases) => heddleSelect(over(cases), door, cases, total))],
    warmUps: quick ? 3 : 8,
  }));
}

export const targets: Target[] = DOORS.flatMap(({ door, title }) => {
  const name = title.slice(title.lastIndexOf(":") + 2);
  const figure = (contender: string) => ({ scenario: title, contender });
  return [
    { id: "S12", target: `${name} over 2: ≤ 3 × a plain receive`, of: figure(over(2)), to: figure(PLAIN[door]), atMost: 3 },
    { id: "S12", target: `${name} over 16: ≤ 8 × over 2, which is linear`, of: figure(over(16)), to: figure(over(2)), atMost: 8 },
    { id: "S12", target: `${name} over 256: ≤ 128 × over 2, which is linear`, of: figure(over(256)), to: figure(over(2)), atMost: 128 },
  ];
});
