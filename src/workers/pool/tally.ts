// What a pool counts of itself.

/** Threads and calls of a pool, counted: pool.stats(). */
export interface PoolStats {
  /** Threads it is to have, and those that take calls. */
  readonly threads: number;
  readonly open: number;
  /** Calls that wait outside (whenFull: 'block'), in the queue (those sent ahead to a thread included), and that run. */
  readonly outside: number;
  readonly queued: number;
  readonly running: number;
  /** Calls let in. */
  readonly accepted: number;
  /** How they ended. */
  readonly succeeded: number;
  readonly failed: number;
  readonly aborted: number;
  readonly timedOut: number;
  readonly dropped: number;
  readonly died: number;
  /** Calls that were not let in. */
  readonly refused: number;
  /** Calls the caller ran itself. */
  readonly ranHere: number;
  /** Threads that ended while the pool was to have them: died, killed, used up. */
  readonly replaced: number;
  /** Milliseconds, of all answered calls together: from their start to their answer, and of these in the function. */
  readonly totalMs: number;
  readonly runMs: number;
}

export class Tally {
  accepted = 0;
  succeeded = 0;
  failed = 0;
  aborted = 0;
  timedOut = 0;
  dropped = 0;
  died = 0;
  refused = 0;
  ranHere = 0;
  replaced = 0;
  totalMs = 0;
  runMs = 0;
}
