/**
 * Limited: eight threads take from one bucket as fast as they can: how far off its rate they are together, by the bucket's own clock.
 */
import type { Contender, Seen } from "../harness/scenario.ts";
import { onRuntime } from "./patterns-round.ts";

/** How they take. */
export type Manner = "asking" | "waiting";

export const THREADS = 8;
/** The bucket is emptied first; half a second in which nobody takes loses nothing. */
const BUCKET = { perSecond: 2_000, burst: 1_000 };

/** `most`: whether they got more than the rate allows. */
export const TAKEN_EXPECTED: Seen = { threads: THREADS, most: 0 };

export function limited(manner: Manner, ms: number): Contender {
  return onRuntime(`heddle, ${manner}`, async ({ rt, tasks, who }) => {
    const limiter = rt.sync.limiter(BUCKET);
    const own = rt.with({ dedicated: true });
    const take = manner === "asking" ? tasks.takeByAsking : tasks.takeByWaiting;
    await Promise.all(Array.from({ length: THREADS }, () => own.go(take, limiter, 1))); // each has a thread, and its code
    const full = limiter.tokens;
    if (!limiter.allow(Math.floor(full))) throw new Error(`expected ${full} tokens`);
    const before = limiter.tokens;
    const begun = performance.now();
    const all = await Promise.all(Array.from({ length: THREADS }, () => own.go(take, limiter, ms)));
    const left = limiter.tokens;
    const due = (BUCKET.perSecond * (performance.now() - begun)) / 1_000;
    limiter.close();
    const taken = all.reduce((sum, one) => sum + one.taken, 0);
    const given = taken + left - before;
    return {
      value: (100 * Math.abs(given - due)) / due,
      seen: { threads: all.length, most: given > due * 1.01 ? 1 : 0 },
      by: `${who}, ${all.some(({ refused }) => refused > 0) ? "asking" : "waiting"}`,
    };
  });
}
