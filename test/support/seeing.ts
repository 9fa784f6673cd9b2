// The tasks of seeing-jobs, and the end of a test that must leave nothing.

import { assertNoLeftovers, type Runtime } from "../../src/index.ts";

export type Jobs = typeof import("../fixtures/seeing-jobs.ts");

export function jobsOf(rt: Runtime) {
  return rt.module<Jobs>(new URL("../fixtures/seeing-jobs.js", import.meta.url));
}

/** Nothing is left, and the runtime is closed. */
export async function endClean(rt: Runtime): Promise<void> {
  assertNoLeftovers(rt);
  await rt.close();
}
