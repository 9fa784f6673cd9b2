/**
 * Idle gate: notices that the machine has other work, says so, and waits a little for it to end.
 *
 * The load average tells of the last minute, so a build that has just finished still shows in it. What decides is
 * therefore the share of the cores in use right now.
 */
import { availableParallelism, cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { loadAverage } from "./machine.ts";

/** Load average, by core, above which the lab says that the machine is busy. */
const LOAD_BY_CORE = 0.35;
/** Share of the cores others may use while the lab measures. */
export const BUSY_SHARE = 0.1;
const SAMPLE_MS = 500;

export interface Idleness {
  readonly loadAverage: number;
  /** The load average above which a line is printed. */
  readonly gate: number;
  /** Share of all cores in use when the wait ended. */
  readonly busyShare: number;
  readonly waitedMs: number;
  /** Whether the lab went on although others were at work. */
  readonly busy: boolean;
}

/** Waits until the machine is idle or patience is out, and says so on `say` when it is not idle at once. */
export async function idleGate(say: (line: string) => void, patienceMs: number): Promise<Idleness> {
  const load = loadAverage();
  const gate = Number((LOAD_BY_CORE * availableParallelism()).toFixed(2));
  const start = performance.now();
  if (load > gate) say(`The machine was busy: load average ${load}, above the idle gate of ${gate}. Looking whether it is idle now.`);
  let busyShare = await sampleBusyShare();
  while (busyShare > BUSY_SHARE && performance.now() - start < patienceMs) busyShare = await sampleBusyShare();
  const busy = busyShare > BUSY_SHARE;
  if (busy) say(`The machine is busy: ${percent(busyShare)} of its cores are in use by others. The figures will be noisy.`);
  else if (load > gate) say(`It is: ${percent(busyShare)} of its cores are in use.`);
  return { loadAverage: load, gate, busyShare: Number(busyShare.toFixed(3)), waitedMs: Math.round(performance.now() - start), busy };
}

/** Begins to watch; the function given back tells the share of all cores that other processes have used since. */
export function watchOthers(): () => number {
  const before = coreTimes();
  const own = process.cpuUsage();
  return () => {
    const after = coreTimes();
    const { user, system } = process.cpuUsage(own);
    const total = after.total - before.total;
    const busyMs = total - (after.idle - before.idle) - (user + system) / 1_000;
    return total <= 0 ? 0 : Math.max(0, busyMs / total);
  };
}

async function sampleBusyShare(): Promise<number> {
  const before = coreTimes();
  await sleep(SAMPLE_MS);
  const after = coreTimes();
  const total = after.total - before.total;
  return total <= 0 ? 0 : 1 - (after.idle - before.idle) / total;
}

function coreTimes(): { idle: number; total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.idle + times.user + times.nice + times.sys + times.irq;
  }
  return { idle, total };
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
