/**
 * Notes: the facts of a job, and what its last run on threads showed of its pattern's promise. The output cannot tell that: it is the same however it was made.
 */
import type { Runtime } from "../../src/index.ts";
import type { Facts } from "./job.ts";

export class Notes {
  readonly facts: Record<string, string | number>;

  constructor(input: Facts) {
    this.facts = { ...input };
  }

  /** Of runs on threads only: on the calling thread there is nothing to show. */
  take(rt: Runtime, shown: Facts): void {
    if (rt.threads !== 0) Object.assign(this.facts, shown);
  }

  /** `output`, and behind it what was shown, if anything was yet. */
  behind(output: string, say: (facts: Facts) => string, key: string): string {
    return key in this.facts ? `${output}; ${say(this.facts)}` : output;
  }
}
