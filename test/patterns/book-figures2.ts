// Figures of *Concurrency in Go*, ch. 5, re-expressed with this library, faults and all: goroutines are promises of this thread. For test/patterns/book2.test.ts.

import { after, f64, type Limiter, type Receiver, type Runtime, type Sender, select, type WaitOptions } from "../../src/index.ts";

/** "Rate Limiting": the limiters are waited for one after another. */
export function multiLimiter(...limiters: readonly Limiter[]) {
  return {
    async wait(options?: WaitOptions): Promise<void> {
      for (const limiter of limiters) await limiter.wait(1, options);
    },
  };
}

/** "Healing Unhealthy Goroutines": a ward is given what ends it, and answers its heartbeat. */
export type StartWard = (done: Receiver<number>) => Receiver<number>;

/** The steward's monitor loop. It is told to stop by `done`; `turns.count` counts its rounds, and ends it after a thousand. */
export async function steward(
  rt: Runtime,
  done: Receiver<number>,
  timeoutMs: number,
  startWard: StartWard,
  turns: { count: number },
): Promise<void> {
  let wardDone: Sender<number>;
  let heartbeat: Receiver<number>;
  const start = () => {
    const ends = rt.channel(f64);
    wardDone = ends.sender;
    heartbeat = startWard(ends.receiver);
  };
  start();
  while (turns.count++ < 1_000) {
    const { case: chosen } = await select({ heartbeat: heartbeat!, timeout: after(timeoutMs), done });
    if (chosen === "done") return;
    if (chosen === "heartbeat") continue; // also the zero value of a heartbeat that was closed
    wardDone!.close(); // and it does not wait for its end
    start();
  }
}
