// Ward: one child as its supervisor holds it. Starts it within a limit, stops it in stages.
//
//   idle → starting → running → (exit) → idle or restarting → starting → …
//                        └─ stop: asked ─ graceMs ─▶ killed ─ ABANDON_MS ─▶ given up as a zombie
//
// Invariant  `running` is set exactly while the child is running and nobody has begun to stop it: an exit seen then is one of its own.

import { later, now } from "../../runtime/clock.ts";
import { HeddleError } from "../../runtime/errors.ts";
import { BackOff, type BackOffSettings } from "./back-off.ts";
import type { ChildState, Exit, Running } from "./child.ts";
import type { ChildSettings } from "./settings.ts";

/** How long a killed child may take to be gone before nobody waits for it any more. */
const ABANDON_MS = 1_000;
const MAX_DELAY_MS = 2 ** 31 - 1;
const NOT_YET = Symbol("heddle.notYet");

export class Ward {
  readonly settings: ChildSettings;
  readonly backOff: BackOff;
  state: ChildState["state"] = "idle";
  running: Running | undefined;
  isFallback = false;
  /** Its start was abandoned. */
  isUnwanted = false;
  restarts = 0;
  lastExit: Exit | undefined;
  /** Those that are to be started again together, by identity. */
  batch: object | undefined;
  #startedMs = 0;
  #limit: AbortController | undefined;

  constructor(settings: ChildSettings, backOff: BackOffSettings) {
    this.settings = settings;
    this.backOff = new BackOff(backOff);
  }

  get id(): string {
    return this.settings.id;
  }

  /** How long it ran, of one that has just ended. */
  get ranMs(): number {
    return this.#startedMs === 0 ? 0 : now() - this.#startedMs;
  }

  /** Its own exit, or its failure to start. */
  ended(exit: Exit): void {
    this.running = undefined;
    this.lastExit = exit;
    this.state = "idle";
  }

  /** Starts it, or its fallback. Answers undefined if there is nothing to run. Throws what it throws; a start that comes too late is stopped again. */
  async start(over: AbortSignal): Promise<Running | undefined> {
    const { child, fallback, startMs } = this.settings;
    if (over.aborted) throw over.reason;
    this.state = "starting";
    this.batch = undefined;
    this.#startedMs = 0;
    const limit = new AbortController();
    this.#limit = limit;
    this.isUnwanted = false;
    const end = () => limit.abort(over.reason);
    over.addEventListener("abort", end, { once: true });
    const starting = new Promise<Running | undefined>((resolve) => {
      resolve((this.isFallback ? fallback! : child).start(limit.signal));
    });
    try {
      const running = await within(startMs, starting, limit.signal);
      if (running === NOT_YET) {
        limit.abort(new HeddleError("ERR_TIMEOUT", `${this.id} did not start within ${startMs} ms (option startMs)`));
        starting.then(
          (late) => late?.stop(0),
          () => undefined, // it never started, as whoever waited for it has been told
        );
        throw limit.signal.reason;
      }
      this.running = running;
      this.state = running ? "running" : "idle";
      this.#startedMs = now();
      return running;
    } catch (error) {
      this.state = "idle";
      throw error;
    } finally {
      this.#limit = undefined;
      over.removeEventListener("abort", end);
    }
  }

  /** Ends a start that is under way, with the reason it fails with. */
  abandonStart(reason: Error): void {
    if (!this.#limit) return;
    this.isUnwanted = true;
    this.#limit.abort(reason);
  }

  /** Stops it if it runs, and waits until it has ended. Answers false if it had to be left as a zombie. */
  async stop(graceMs: number): Promise<boolean> {
    const { running } = this;
    this.batch = undefined;
    if (!running) {
      this.state = "idle";
      return true;
    }
    this.running = undefined;
    this.state = "stopping";
    running.stop(graceMs);
    let exit = await within(graceMs, running.exited);
    if (exit === NOT_YET) {
      if (graceMs > 0) running.stop(0);
      exit = await within(ABANDON_MS, running.exited);
    }
    this.state = "idle";
    this.lastExit =
      exit === NOT_YET
        ? { kind: "killed", error: new HeddleError("ERR_TIMEOUT", `${this.id} was killed, and is still there after ${ABANDON_MS} ms`) }
        : exit;
    return exit !== NOT_YET;
  }

  /** Nobody will start it again but on purpose, and then from the beginning. */
  rest(exit: Exit): void {
    this.isFallback = false;
    this.settings.child.onIdle?.(exit);
  }

  get shown(): ChildState {
    const { id, type, restart } = this.settings;
    const { state, isFallback, restarts, lastExit } = this;
    return { id, type, restart, state, isFallback, restarts, lastExit };
  }
}

/** What a promise brings within `ms`, or NOT_YET, also once `end` aborts. */
function within<T>(ms: number, promise: Promise<T>, end?: AbortSignal): Promise<T | typeof NOT_YET> {
  return new Promise((resolve, reject) => {
    const onEnd = () => leave(() => resolve(NOT_YET));
    const timer = ms === Number.POSITIVE_INFINITY ? undefined : later(onEnd, Math.min(ms, MAX_DELAY_MS), true);
    const leave = (settle: () => void) => {
      timer?.cancel();
      end?.removeEventListener("abort", onEnd);
      settle();
    };
    promise.then(
      (value) => leave(() => resolve(value)),
      (error) => leave(() => reject(error)),
    );
    end?.addEventListener("abort", onEnd, { once: true });
    if (end?.aborted) onEnd();
  });
}
