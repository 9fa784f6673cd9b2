// One replica of a request, on the thread that runs it.

import type { Context } from "../../runtime/context/index.ts";
import type { AtomicFloat } from "../../runtime/sync/index.ts";
import { loadFunction } from "../load-function.ts";

type CpuUsage = () => { readonly user: number; readonly system: number };

/** CPU time of a thread, in microseconds, where Node tells it. */
export function threadCpu(): CpuUsage | undefined {
  return (process as { threadCpuUsage?: CpuUsage }).threadCpuUsage?.bind(process);
}

/** Throws: what the function throws; what the context ended with, if that was before it began. `cpuMs` is told what it cost. */
export async function runReplica(
  url: string,
  name: string,
  args: readonly unknown[],
  cpuMs: AtomicFloat | null,
  ctx: Context,
): Promise<unknown> {
  const usage = threadCpu();
  const total = () => {
    const { user, system } = usage?.() ?? { user: 0, system: 0 };
    return (user + system) / 1_000;
  };
  const startMs = total();
  try {
    const fn = await loadFunction(url, name);
    if (ctx.error) throw ctx.error;
    return await fn(...args, ctx);
  } finally {
    cpuMs?.add(total() - startMs);
  }
}
