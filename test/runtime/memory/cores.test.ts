// How many cores the process may use: what Node says, within the container's quota.

import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import { coresWithin, readQuota, usableCores } from "../../../src/runtime/memory/cores.ts";

const files = (contents: Record<string, string>) => (path: string) => contents[path];

it.each([
  ["no files at all", {}, Number.POSITIVE_INFINITY],
  ["unified, no limit", { "/sys/fs/cgroup/cpu.max": "max 100000\n" }, Number.POSITIVE_INFINITY],
  ["unified, a core and a half", { "/sys/fs/cgroup/cpu.max": "150000 100000\n" }, 1.5],
  [
    "first generation, no limit",
    { "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n" },
    Number.POSITIVE_INFINITY,
  ],
  [
    "first generation, four cores",
    { "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "50000\n" },
    4,
  ],
  ["something else", { "/sys/fs/cgroup/cpu.max": "?" }, Number.POSITIVE_INFINITY],
])("a quota: %s", (_, contents, quota) => {
  expect(readQuota(files(contents as Record<string, string>))).toBe(quota);
});

it.each([
  [8, Number.POSITIVE_INFINITY, 8],
  [8, 2.9, 2],
  [8, 0.5, 1],
  [2, 16, 2],
])("%d cores and a quota of %d are %d", (available, quota, cores) => {
  expect(coresWithin(available, quota)).toBe(cores);
});

it("is at least one, and no more than Node says", () => {
  expect(usableCores()).toBeGreaterThanOrEqual(1);
  expect(usableCores()).toBeLessThanOrEqual(availableParallelism());
});
