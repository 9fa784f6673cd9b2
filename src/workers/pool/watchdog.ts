// What may end a call before its answer: timeouts of three kinds, a signal; and the kill of a thread that does not come to an end.
//
// Invariant  before a thread is killed for a call's sake, what was sent ahead to it is taken back and the call is seen to be the last it has claimed: it
//            runs that call, or none.

import { now } from "../../runtime/clock.ts";
import { AbortError, TimeoutError } from "../../runtime/errors.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import type { TimerEntry } from "../../runtime/timer-wheel.ts";
import type { Limits, PoolCall, Seat } from "./pool-call.ts";
import type { Staff } from "./staff.ts";
import type { Tally } from "./tally.ts";

/** A thread whose event loop stands still so long is killed, if it has a call with a timeout. */
const STANDSTILL_MS = 1_000;

/** What it needs of the dispatcher. */
export interface Watched {
  readonly staff: Staff;
  readonly tally: Tally;
  /** Takes a call back from the desk it was sent to, if it has not begun. Answers whether it waits. */
  hold(call: PoolCall): boolean;
  /** Moves a call to its end; false if it was there. */
  end(call: PoolCall): boolean;
  /** Takes back what a desk has not begun. */
  reclaim(desk: Seat): void;
}

export class Watchdog {
  readonly #calls: Watched;
  readonly #thread: Thread;
  readonly #graceMs: number;
  #runTimer: TimerEntry | undefined;

  constructor(calls: Watched, thread: Thread, graceMs: number) {
    this.#calls = calls;
    this.#thread = thread;
    this.#graceMs = graceMs;
  }

  /** Whatever may end a call from outside. */
  watch(call: PoolCall): void {
    const { queueTimeoutMs, totalTimeoutMs, signal } = call.settings;
    const { timers } = this.#thread;
    const limits = (): Limits => (call.limits ??= {});
    if (queueTimeoutMs !== Number.POSITIVE_INFINITY) {
      limits().queueTimer = timers.add(call.queuedAtMs + queueTimeoutMs, () => this.#expireInQueue(call));
    }
    if (totalTimeoutMs !== Number.POSITIVE_INFINITY) {
      limits().totalTimer = timers.add(call.queuedAtMs + totalTimeoutMs, () => this.#expire(call));
    }
    if (signal) {
      const onAbort = () => this.abort(call, signal.reason);
      limits().onAbort = onAbort;
      signal.addEventListener("abort", onAbort, { once: true });
    }
  }

  /** A call has ended. */
  leave(call: PoolCall): void {
    const { limits } = call;
    if (!limits) return;
    if (limits.queueTimer) this.#thread.timers.cancel(limits.queueTimer);
    if (limits.totalTimer) this.#thread.timers.cancel(limits.totalTimer);
    if (limits.onAbort) call.settings.signal!.removeEventListener("abort", limits.onAbort);
  }

  #expireInQueue(call: PoolCall): void {
    if (!this.#calls.hold(call)) return;
    this.#calls.tally.timedOut++;
    this.#calls.end(call);
    const { queueTimeoutMs } = call.settings;
    call.reject(new TimeoutError(`${call.fn.name}: it had not begun within ${queueTimeoutMs} ms`, "ERR_QUEUE_TIMEOUT"));
  }

  #expire(call: PoolCall): void {
    const desk = this.#calls.hold(call) ? undefined : call.desk;
    if (!this.#calls.end(call)) return;
    this.#calls.tally.timedOut++;
    const { totalTimeoutMs } = call.settings;
    call.reject(new TimeoutError(`${call.fn.name}: it had not ended within ${totalTimeoutMs} ms`, "ERR_TOTAL_TIMEOUT"));
    if (desk) this.#killAt(desk, call, `a call of ${call.fn.name} took longer than ${totalTimeoutMs} ms`);
  }

  /** Ends a call: at once for its caller; if it runs, its thread has graceMs. */
  abort(call: PoolCall, reason: unknown): void {
    const desk = this.#calls.hold(call) ? undefined : call.desk;
    if (!this.#calls.end(call)) return;
    this.#calls.tally.aborted++;
    call.reject(new AbortError(reason));
    const graceMs = this.#graceMs;
    if (!desk || graceMs === Number.POSITIVE_INFINITY) return;
    const kill = () => this.#killAt(desk, call, `an aborted call of ${call.fn.name} went on for ${graceMs} ms`);
    if (graceMs === 0) kill();
    else this.#thread.timers.add(now() + graceMs, kill);
  }

  /** Kills the thread that runs this call, and no other. */
  #killAt(desk: Seat, call: PoolCall, reason: string): void {
    if (call.desk !== desk || desk.state === "gone") return; // it has ended meanwhile
    this.#calls.reclaim(desk);
    if (desk.isAt(call)) this.#calls.staff.kill(desk, reason);
  }

  /** One timer for the running calls of all desks, due when the first of them is. */
  arm(): void {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const desk of this.#calls.staff.desks) dueMs = Math.min(dueMs, desk.runDueMs);
    if (dueMs === Number.POSITIVE_INFINITY || (this.#runTimer && this.#runTimer.dueMs <= Math.ceil(dueMs))) return;
    if (this.#runTimer) this.#thread.timers.cancel(this.#runTimer);
    this.#runTimer = this.#thread.timers.add(dueMs, () => this.#expireRunning());
  }

  #expireRunning(): void {
    this.#runTimer = undefined;
    const nowMs = now();
    for (const desk of this.#calls.staff.desks) {
      const { first } = desk;
      if (first === undefined || desk.runDueMs > nowMs) continue;
      const { runTimeoutMs } = first.settings;
      if (!desk.isAt(first)) {
        // Not begun, or its answer is on the way. A thread that does not come round to its calls at all is as good as dead.
        if (nowMs - desk.firstSinceMs > runTimeoutMs + STANDSTILL_MS) this.#calls.staff.kill(desk, "it did not come round to its calls");
        desk.lookAgainMs = nowMs + Math.max(1, runTimeoutMs);
        continue;
      }
      if (this.#calls.end(first)) {
        this.#calls.tally.timedOut++;
        first.reject(new TimeoutError(`${first.fn.name}: it ran longer than ${runTimeoutMs} ms`, "ERR_RUN_TIMEOUT"));
      }
      this.#killAt(desk, first, `a call of ${first.fn.name} ran longer than ${runTimeoutMs} ms`);
    }
    this.arm();
  }

  stop(): void {
    if (this.#runTimer) this.#thread.timers.cancel(this.#runTimer);
    this.#runTimer = undefined;
  }
}
