// How many cores this process may use: what Node says, and no more than the container's quota of CPU time, which Node 20 does not count.

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

const UNIFIED = "/sys/fs/cgroup/cpu.max";
const QUOTA = "/sys/fs/cgroup/cpu/cpu.cfs_quota_us";
const PERIOD = "/sys/fs/cgroup/cpu/cpu.cfs_period_us";

let cores: number | undefined;

/** Cores this process may use, at least 1; looked up once. */
export function usableCores(): number {
  cores ??= coresWithin(availableParallelism(), readQuota(read));
  return cores;
}

/** Whole cores within a quota: what is left over of one does not keep a thread busy. */
export function coresWithin(available: number, quota: number): number {
  return Math.max(1, Math.min(available, Math.floor(quota)));
}

/** Cores' worth of CPU time the container is given, Infinity for no limit. Both generations of Linux control groups; other systems have neither file. */
export function readQuota(file: (path: string) => string | undefined): number {
  const unified = file(UNIFIED)?.trim().split(/\s+/);
  const [quota, period] = unified ?? [file(QUOTA)?.trim(), file(PERIOD)?.trim()];
  const share = Number(quota) / Number(period);
  return share > 0 ? share : Number.POSITIVE_INFINITY; // "max", -1, or nothing there
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // not there, or not ours to read: no limit that we could know
  }
}
