/**
 * Recorded: the one run of a job that is recorded, and compared like all others.
 */
import type { Recording } from "../report/recording/recording.ts";
import type { Job } from "./job.ts";
import { hashOf, type Measurement } from "./rounds.ts";

export interface Recorded {
  /** As it was, or refuted by the recorded run. */
  readonly measured: Measurement;
  readonly recording: Recording | undefined;
}

/** Records a job whose outputs were all equal, and has something to record. */
export async function recorded(job: Job, measured: Measurement): Promise<Recorded> {
  const variant = job.variants.find(({ record }) => record !== undefined);
  if (!variant || measured.differs.length > 0) return { measured, recording: undefined };
  const { output, recording } = await variant.record!();
  const hash = hashOf(output);
  if (hash === hashOf(measured.output)) return { measured, recording };
  const hashes = new Map([...measured.hashes, [variant.name, [...measured.hashes.get(variant.name)!, hash]]]);
  return { measured: { ...measured, hashes, differs: [variant.name], samples: new Map(), cpuSamples: new Map() }, recording: undefined };
}
