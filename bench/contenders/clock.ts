/**
 * Clock: nanoseconds that agree between threads, and patience for those who spin.
 */
export function nowNs(): number {
  return Number(process.hrtime.bigint());
}

/** Polls a spinning contender makes in vain before it gives its core away; on an idle machine it never comes so far. */
const POLLS = 20_000;
const NAP_MS = 0.05;
const nap = new Int32Array(new SharedArrayBuffer(4));

/** To be called with the number of polls made so far; on a busy machine the peer may have no core, and spinning on would keep it from one. */
export function spun(polls: number): void {
  if (polls % POLLS === POLLS - 1) Atomics.wait(nap, 0, 0, NAP_MS);
}
