// A runtime whose pools run the jobs of both examples, and a gate by which a test holds those that are gated.

import { call, f64, Runtime } from "../../src/index.ts";

type Jobs = typeof import("../fixtures/beyond-jobs.ts");

export async function gated() {
  const rt = await Runtime.start({ threads: 1 });
  const jobs = rt.module<Jobs>(new URL("../fixtures/beyond-jobs.js", import.meta.url));
  const begun = rt.channel(f64, 16);
  const gate = rt.channel(f64, 16);
  return {
    rt,
    pool: (threads = 1) => rt.pool(jobs, { threads, setUp: call(jobs.open, begun.sender, gate.receiver) }),
    /** The thread on which the next gated job has begun. */
    begun: async () => Number(await begun.recv()),
    /** Lets one of them go on. */
    letOn: () => gate.send(0),
  };
}

/** Asks until it is so; a watchdog fails after 20 s. */
export async function eventually(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await isSo())) if (performance.now() > end) throw new Error(`watchdog: ${what} did not come about`);
}
