/**
 * Check, with Heddle: two error groups. All is well in the first: the results in order. In the second one part fails: the others are stopped.
 */
import { errorGroup, type Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import type { CheckPart, Refusal } from "./checking.ts";
import { verdictOf } from "./verdict.ts";

export async function heddleCheck(
  rt: Runtime,
  sound: readonly CheckPart[],
  damaged: readonly CheckPart[],
  onShare: OnShare,
): Promise<string> {
  const jobs = rt.module<typeof import("./checking.ts")>(new URL("./checking.js", import.meta.url));
  const start = (parts: readonly CheckPart[]) => {
    const group = errorGroup(rt, { limit: Math.max(1, rt.threads ?? 1), dedicated: true });
    for (const part of parts) group.go(jobs.check, part);
    return group;
  };
  const characters = await start(sound).wait<number>();
  onShare(0.9);
  try {
    await start(damaged).wait();
  } catch (error) {
    if ((error as Refusal).code === "E_NOT_A_MODULE") return verdictOf(characters, error as Refusal);
    throw error;
  }
  throw new Error("the damage was not noticed");
}
