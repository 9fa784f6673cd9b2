// A large data set is checked in parts, side by side. All is well: the results in order. One part is not: the others stop, and the failure is reported whole.

import { errorGroup, type Runtime } from "../../src/index.ts";
import { shortName, sources } from "../sources.ts";
import type { Part } from "./jobs.ts";

export const about = "the parts of a data set checked side by side; the first failure stops the rest";

const PARTS = 16;

export async function* run(rt: Runtime): AsyncGenerator<string> {
  const jobs = rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url));
  const paths = sources("src");
  const partOf = (i: number, damaged?: string): Part => ({ paths: paths.filter((_, n) => n % PARTS === i), damaged });

  const sound = errorGroup(rt, { limit: Math.max(1, rt.threads ?? 1) });
  for (let i = 0; i < PARTS; i++) sound.go(jobs.check, partOf(i));
  const bytes = await sound.wait<number>();
  yield `sound: ${paths.length} files in ${bytes.length} parts, ${bytes.reduce((a, b) => a + b).toLocaleString("en")} characters`;

  const damaged = paths[0]!;
  const group = errorGroup(rt, { limit: Math.max(1, rt.threads ?? 1) });
  for (let i = 0; i < PARTS; i++) group.go(jobs.check, partOf(i, damaged));
  try {
    await group.wait();
    yield "damaged: not noticed";
  } catch (error) {
    const { code, path, cause } = error as Error & { code: string; path: string };
    yield `damaged: ${code} in ${shortName(path)} (${(cause as Error).name}); the rest was stopped: ${group.failures.length > 1}`;
  }
}
