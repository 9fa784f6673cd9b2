// A child that does as it is told, for tests of supervision, and a log of what happens to several.

import { now } from "../../src/runtime/clock.ts";
import { HeddleError } from "../../src/runtime/errors.ts";
import type { Child, Exit, Running } from "../../src/workers/supervision/child.ts";

/** How its next start goes; 'hangs' until the start is aborted, 'stubborn' even beyond that. */
export type Start = "runs" | "nothing" | "hangs" | Error;

export class FakeChild implements Child {
  readonly id: string;
  readonly log: string[];
  /** Consumed one by one; then it runs. */
  readonly plan: Start[] = [];
  /** What it does when asked to stop: obeys at once, or only to force, or to nothing. */
  obeys: "at once" | "force" | "never" = "at once";
  starts = 0;
  readonly startedAt: number[] = [];
  #exit: ((exit: Exit) => void) | undefined;

  constructor(id: string, log: string[] = []) {
    this.id = id;
    this.log = log;
  }

  async start(signal: AbortSignal): Promise<Running | undefined> {
    this.starts++;
    this.startedAt.push(now());
    const how = this.plan.shift() ?? "runs";
    if (how instanceof Error) {
      this.log.push(`${this.id} fails to start`);
      throw how;
    }
    if (how === "nothing") return undefined;
    if (how === "hangs") {
      this.log.push(`${this.id} hangs`);
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
    }
    this.log.push(`${this.id} starts`);
    const exited = new Promise<Exit>((resolve) => {
      this.#exit = resolve;
    });
    return { exited, stop: (graceMs) => this.#stop(graceMs) };
  }

  #stop(graceMs: number): void {
    const byForce = graceMs === 0;
    if (this.obeys === "never" || (this.obeys === "force" && !byForce)) {
      this.log.push(`${this.id} does not obey`);
      return;
    }
    this.log.push(byForce ? `${this.id} is killed` : `${this.id} stops`);
    this.end({ kind: byForce ? "killed" : "stopped" });
  }

  /** Ends by itself. */
  end(exit: Exit): void {
    this.#exit?.(exit);
  }

  fail(message = "boom"): void {
    this.log.push(`${this.id} fails`);
    this.end({ kind: "failed", error: new RangeError(message) });
  }
}

/** An error with one of our codes, for a child that is to fail with it. */
export function coded(message: string): HeddleError {
  return new HeddleError("ERR_THREAD_DIED", message);
}
