/**
 * Census tasks: what a thread of the Heddle variants runs.
 */
import type { Sender } from "../../../src/index.ts";
import { type Census, takeCensus } from "./census.ts";

/** The census of one batch of files; tells `done` how many bytes that were. */
export async function countBatch(root: string, paths: string[], done: Sender<number>): Promise<Census> {
  const census = takeCensus(root, paths);
  await done.send(census.bytes);
  return census;
}
