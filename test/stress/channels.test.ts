// Two per cent of `npm run test:stress`, and the judge itself.

import { describe, expect, it } from "vitest";
import { CAPACITIES, judge, PLACEMENTS, runCase } from "../../bench/stress/cases.ts";
import { churn } from "../../bench/stress/churn.ts";

describe.each(PLACEMENTS)("channel, %s", (placement) => {
  it.each(CAPACITIES)("capacity %i: FIFO per sender, exactly once, close ends and wakes everyone", async (capacity) => {
    const result = await runCase(placement, capacity, 20_000);
    expect(result.faults).toEqual([]);
  });
});

describe("churn", () => {
  it("20,000 channels made, used, closed and dropped leave the heap as it was", async () => {
    expect((await churn(20_000)).faults).toEqual([]);
  });
});

describe("the judge", () => {
  const seen = (bits: number, count: number) => ({ bits: new Uint8Array([bits]), count, fault: undefined });
  it("accepts every value once", () => expect(judge([seen(0b0101, 2), seen(0b1010, 2)], 4)).toEqual([]));
  it("sees a lost value", () => expect(judge([seen(0b0101, 2), seen(0b1000, 1)], 4)).toContain("value 1 was lost"));
  it("sees a value received by two", () => expect(judge([seen(0b0111, 3), seen(0b1100, 2)], 4).join()).toContain("two receivers"));
  it("keeps a receiver's own complaint", () => expect(judge([{ ...seen(0b1111, 4), fault: "order" }], 4)).toEqual(["order"]));
});
