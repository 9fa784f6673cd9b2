// Checks: cores and memory, and what a container leaves of them.

import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import { coresWithin, readQuota } from "../runtime/memory/cores.ts";
import type { Finding } from "./finding.ts";

const MIB = 2 ** 20;
const LITTLE_MIB = 512;

/** Cores' worth of CPU time the container is given; Infinity for no limit. */
function thisQuota(): number {
  return readQuota((path) => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined; // no such file: not this generation of control groups, or none
    }
  });
}

export function checkCores(available: number = availableParallelism(), quota: number = thisQuota()): Finding {
  const usable = coresWithin(available, quota);
  const isLimited = Number.isFinite(quota);
  const seen = `${usable} usable: ${available} of the machine, ${isLimited ? `a quota of ${quota}` : "no quota"}`;
  const finding = { name: "cores", seen, facts: { available, quota: isLimited ? quota : null, usable } };
  if (usable === 1) {
    return {
      ...finding,
      verdict: "warn",
      means: "Threads take turns on one core: they keep the event loop free and contain failures, and finish nothing sooner.",
      todo: isLimited ? "Raise the container's CPU quota to a whole number of cores." : "Use a machine with more cores, or threads: 0.",
    };
  }
  const lost = isLimited && quota < available ? " The quota is what counts; a fraction of a core beyond it is not used." : "";
  return { ...finding, verdict: "ok", means: `Runtime.start() takes ${usable} threads by default.${lost}` };
}

export function checkMemory(total: number = totalmem(), constrained: number = process.constrainedMemory() ?? 0): Finding {
  const isLimited = constrained > 0 && constrained < total;
  const limitMib = Math.floor((isLimited ? constrained : total) / MIB);
  const heapMib = Math.floor(getHeapStatistics().heap_size_limit / MIB);
  const seen = `${limitMib} MiB${isLimited ? ", the container's limit" : ""}; JavaScript heap of a thread up to ${heapMib} MiB`;
  const finding = {
    name: "memory",
    seen,
    facts: { totalMib: Math.floor(total / MIB), limitMib: isLimited ? limitMib : null, heapLimitMib: heapMib },
  };
  if (limitMib < LITTLE_MIB) {
    return {
      ...finding,
      verdict: "warn",
      means: "A thread takes 4 to 10 MiB before it has done anything; what passes the limit ends the whole process.",
      todo: "Start few threads, and set heapBytes and threadHeapMb.",
    };
  }
  return { ...finding, verdict: "ok", means: "The shared heap takes memory only where it was touched; its ceiling is address space." };
}
