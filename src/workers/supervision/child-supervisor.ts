// ChildSupervisor: starts children, sees them end, starts them again by policy, and gives up when that happens too often. It is a child itself, so
// supervisors nest: one that gives up fails, and the one above decides.
//
//   exit ──▶ to be started again? ──▶ within the intensity? ──▶ stop those it concerns, last first ──▶ back-off ──▶ start them, first first
//              │ no: idle, or forgotten   │ no: the fallback, or stop all and fail with ERR_RESTART_LIMIT
//
// Invariants
//   1. One step at a time: every exit, restart and call is a step of one queue, so no step sees another half done. Only stop(), terminate() and remove()
//      reach into a running step, by aborting the start it waits for.
//   2. Wards stand in the order of their start; stopping goes the other way.
//   3. Each start after the first goes through the intensity and through a timer: nothing restarts in a loop.
//
// Source   Erlang/OTP's supervisor, for the behaviour.

import { later } from "../../runtime/clock.ts";
import { HeddleError, invalidArg } from "../../runtime/errors.ts";
import {
  type Child,
  type ChildCounts,
  type ChildSpec,
  type ChildState,
  type Exit,
  isAbnormal,
  type Running,
  type SupervisionEvent,
} from "./child.ts";
import { Intensity } from "./intensity.ts";
import { type Life, newLife } from "./life.ts";
import { childSettings, type SupervisionOptions, type SupervisionSettings, supervisionSettings } from "./settings.ts";
import { Ward } from "./ward.ts";
import { Wards } from "./wards.ts";

export class ChildSupervisor implements Child {
  readonly #settings: SupervisionSettings;
  readonly #wards: Wards;
  readonly #intensity: Intensity;
  #life: Life | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: SupervisionOptions = {}) {
    this.#settings = supervisionSettings(options);
    this.#wards = new Wards(this.#settings.strategy);
    this.#intensity = new Intensity(this.#settings.restarts, this.#settings.withinMs);
  }

  /** Starts all children, in the order they were added. If one cannot start, the others are stopped again and its error is thrown. */
  start(signal?: AbortSignal): Promise<Running> {
    if (this.#life) return Promise.reject(invalidArg("start", "a supervisor that does not run", "one that does"));
    const life = newLife();
    this.#life = life; // at once, so that a stop() that comes next finds it
    const onAbort = () => life.end.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    return this.#step(async () => {
      this.#intensity.reset();
      try {
        for (const ward of this.#wards.all) await this.#startWard(ward, false);
        return { exited: life.exited, stop: (graceMs) => void this.stop(graceMs) };
      } catch (error) {
        this.#end({ kind: "failed", error }, await this.#stopAll());
        throw error;
      } finally {
        signal?.removeEventListener("abort", onAbort);
      }
    });
  }

  get isRunning(): boolean {
    return this.#life !== undefined && !this.#life.end.signal.aborted;
  }

  /**
   * Takes a child in, and starts it if the supervisor runs: a child that cannot start the first time is not kept, and its error is thrown.
   * Throws (rejects): ERR_INVALID_ARG, also for an id that is there already; ERR_CLOSED while the supervisor stops.
   */
  add(spec: ChildSpec): Promise<void> {
    const settings = childSettings(spec);
    return this.#step(async () => {
      this.#checkNotStopping();
      const ward = new Ward(settings, this.#settings.backOff);
      this.#wards.add(ward);
      if (!this.#life) return;
      try {
        await this.#startWard(ward, false);
      } catch (error) {
        this.#wards.delete(ward.id);
        ward.rest({ kind: "failed", error });
        throw error;
      }
    });
  }

  /** Stops a child, also in the middle of its start; it stays known, to be started again, unless it is temporary. One that does not run: nothing happens. */
  async terminate(id: string): Promise<void> {
    this.#abandonStart(id);
    await this.#step(() => this.#stopForGood(this.#wards.find(id)));
  }

  /** Stops a child and forgets it; one that is not known: nothing happens. */
  async remove(id: string): Promise<void> {
    this.#abandonStart(id);
    await this.#step(async () => {
      const ward = this.#wards.get(id);
      if (ward) await this.#stopForGood(ward);
      this.#wards.delete(id);
    });
  }

  #abandonStart(id: string): void {
    this.#wards.get(id)?.abandonStart(new HeddleError("ERR_CLOSED", `${id} was stopped while it started`));
  }

  async #stopForGood(ward: Ward): Promise<void> {
    await this.#stopWard(ward);
    this.#wards.deleteIfPassing(ward);
    ward.rest({ kind: "stopped" });
  }

  /** Starts a child that is idle. Throws (rejects): what its start throws; ERR_INVALID_ARG for one that runs or is about to. */
  restart(id: string): Promise<void> {
    return this.#step(async () => {
      const ward = this.#wards.find(id);
      this.#checkIdle("restart", ward);
      if (!this.#life) throw invalidArg("restart", "a supervisor that runs", "one that does not");
      this.#checkNotStopping();
      await this.#startWard(ward, true);
    });
  }

  /** Forgets a child that is idle. Throws (rejects): ERR_INVALID_ARG for one that runs or is about to. */
  delete(id: string): Promise<void> {
    return this.#step(() => {
      this.#checkIdle("delete", this.#wards.find(id));
      this.#wards.delete(id);
    });
  }

  /** A child of that name is there. */
  has(id: string): boolean {
    return this.#wards.get(id) !== undefined;
  }

  /** The children, in the order of their start. */
  which(): ChildState[] {
    return this.#wards.shown;
  }

  count(): ChildCounts {
    return this.#wards.counts;
  }

  /**
   * Stops all children, last first, each within its own time and all within `graceMs`; settles when all have ended. Children stay known (temporary ones
   * do not) for another start(). One that does not run: nothing happens.
   */
  async stop(graceMs = Number.POSITIVE_INFINITY): Promise<void> {
    const life = this.#life;
    if (!life) return;
    life.graceMs = Math.min(life.graceMs, graceMs);
    life.end.abort(new HeddleError("ERR_CLOSED", "the supervisor is stopping"));
    await this.#step(async () => {
      if (this.#life !== life) return;
      this.#end({ kind: "stopped" }, await this.#stopAll());
    });
  }

  #step<T>(run: () => T | Promise<T>): Promise<T> {
    const done = this.#tail.then(run);
    this.#tail = done.catch(() => undefined); // the caller has the promise that rejects
    return done;
  }

  #emit(event: SupervisionEvent): void {
    try {
      this.#settings.onEvent?.(event);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #checkIdle(what: string, { id, state }: Ward): void {
    if (state !== "idle") throw invalidArg(what, "a child that is idle", `${id}, which is ${state}`);
  }

  #checkNotStopping(): void {
    if (this.#life?.end.signal.aborted) throw this.#life.end.signal.reason;
  }

  async #startWard(ward: Ward, isAgain: boolean): Promise<void> {
    let running: Running | undefined;
    try {
      running = await ward.start(this.#life!.end.signal);
    } catch (error) {
      this.#emit({ type: "start-failed", id: ward.id, error });
      throw error;
    }
    if (isAgain) ward.restarts++;
    if (!running) {
      this.#wards.deleteIfPassing(ward);
      return;
    }
    this.#emit({ type: "started", id: ward.id, restarts: ward.restarts });
    void running.exited.then((exit) => this.#step(() => this.#onExit(ward, running, exit)));
  }

  async #stopWard(ward: Ward): Promise<void> {
    const graceMs = Math.min(ward.settings.shutdownMs, this.#life?.graceMs ?? Number.POSITIVE_INFINITY);
    const ran = ward.running !== undefined;
    if (!(await ward.stop(graceMs))) this.#emit({ type: "abandoned", id: ward.id });
    if (ran) this.#emit({ type: "exited", id: ward.id, exit: ward.lastExit! });
  }

  async #onExit(ward: Ward, running: Running, exit: Exit): Promise<void> {
    if (ward.running !== running) return; // its end was asked for
    ward.ended(exit);
    this.#emit({ type: "exited", id: ward.id, exit });
    const { restart } = ward.settings;
    if (restart === "permanent" || (restart === "transient" && isAbnormal(exit))) await this.#restart(ward, exit);
    else {
      this.#wards.deleteIfPassing(ward);
      ward.rest(exit);
    }
  }

  /** Has a child that ended, and those it concerns, started again; or gives up. */
  async #restart(ward: Ward, cause: Exit): Promise<void> {
    if (!this.isRunning) return;
    if (!this.#intensity.admit()) {
      if (!ward.settings.fallback || ward.isFallback) return this.#giveUp(ward, cause);
      ward.isFallback = true;
      this.#intensity.reset();
      this.#emit({ type: "fallback", id: ward.id, cause });
    }
    const concerned = this.#wards.concernedBy(ward);
    for (const other of [...concerned].reverse()) await this.#stopWard(other);
    const batch = {};
    const delayMs = ward.backOff.next(ward.ranMs);
    for (const other of concerned) {
      if (other !== ward && other.settings.restart === "temporary") {
        this.#wards.delete(other.id);
        other.rest({ kind: "stopped" });
        continue;
      }
      other.batch = batch;
      other.state = "restarting";
      this.#emit({ type: "restarting", id: other.id, delayMs, cause });
    }
    later(() => void this.#step(() => this.#startBatch(batch)), delayMs);
  }

  async #startBatch(batch: object): Promise<void> {
    for (const ward of this.#wards.all) {
      if (!this.isRunning) return;
      if (ward.batch !== batch) continue; // stopped, forgotten or taken into another batch meanwhile
      try {
        await this.#startWard(ward, true);
      } catch (error) {
        if (ward.isUnwanted) continue;
        const exit: Exit = { kind: "failed", error };
        ward.ended(exit);
        return this.#restart(ward, exit); // what is left of this batch is concerned by it as well
      }
    }
  }

  async #giveUp(ward: Ward, cause: Exit): Promise<void> {
    const { restarts, withinMs } = this.#settings;
    const error = new HeddleError(
      "ERR_RESTART_LIMIT",
      `${ward.id} ended once more after ${restarts} restart${restarts === 1 ? "" : "s"} within ${withinMs} ms`,
      { cause: cause.error ?? cause.kind },
    );
    this.#emit({ type: "gave-up", id: ward.id, error });
    this.#life!.end.abort(error);
    this.#end({ kind: "failed", error }, await this.#stopAll());
  }

  /** Those of a simple-one-for-one all at once, else one after the other. Answers all there were. */
  async #stopAll(): Promise<Ward[]> {
    const wards = this.#wards.all.reverse();
    if (this.#settings.strategy === "simple-one-for-one") await Promise.all(wards.map((ward) => this.#stopWard(ward)));
    else for (const ward of wards) await this.#stopWard(ward);
    for (const ward of wards) this.#wards.deleteIfPassing(ward);
    return wards;
  }

  #end(exit: Exit, wards: readonly Ward[]): void {
    const life = this.#life!;
    this.#life = undefined;
    for (const ward of wards) ward.rest(exit);
    life.settle(exit);
  }
}
