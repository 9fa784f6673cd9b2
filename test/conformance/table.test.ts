// The table has no gap that nobody meant: every group of the list is there, and what one leaves out it gives a reason for.

import { expect, it } from "vitest";
import * as groups from "./groups/index.ts";
import { CAPACITIES } from "./support.ts";

/** What Go and crossbeam test of channels, select and timers. */
const GROUPS = [
  "array",
  "blocked sends, then drained",
  "channel through channel",
  "clocks",
  "close",
  "doubleselect",
  "fifo",
  "iter",
  "kinds of values",
  "mpmc",
  "nil",
  "nonblock",
  "power series",
  "progress",
  "same channel twice",
  "select facing select",
  "select fairness",
  "select of self",
  "select stress",
  "sieve",
  "timers",
  "turns",
  "zero",
];

it("has every group, once", () => {
  expect(
    Object.values(groups)
      .map((group) => group.name)
      .toSorted(),
  ).toEqual(GROUPS);
});

it.each(Object.values(groups))("$name says what it stands for, and why it leaves anything out", (group) => {
  expect(group.source).toMatch(/Go|crossbeam/);
  expect(Object.keys(group.tests).length).toBeGreaterThan(0);
  if (group.capacities) {
    expect(group.capacities.because).not.toBe("");
    for (const capacity of group.capacities.only) expect(CAPACITIES).toContain(capacity);
  }
  for (const reason of Object.values(group.except ?? {})) expect(reason).not.toBe("");
});
