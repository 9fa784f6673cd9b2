/**
 * Census, in a bare Worker: its share of the files in one call.
 */
import { type Census, takeCensus } from "./census.ts";

export interface CensusShare {
  readonly root: string;
  readonly paths: readonly string[];
}

export function work(share: CensusShare): { result: Census } {
  return { result: takeCensus(share.root, share.paths) };
}
