// Watch: looks at a task's words from outside, and says how it is.
//
// It looks LOOKS times in everyMs and counts the looks without a change, not the time: a process that was asleep as a whole wakes with one look, and not with
// an alarm.

import { type Later, later, now } from "../../runtime/clock.ts";
import type { Runtime } from "../../workers/runtime.ts";
import { stateOf } from "../../workers/seeing/inspect.ts";
import { slots, threadIdOf } from "../../workers/seeing/reading.ts";
import type { PulseHandles } from "./pulse.ts";
import type { HeartbeatSettings } from "./settings.ts";

/**
 * 'starting': no pulse has come yet. 'healthy': pulses come. 'blocked': none come, and its thread waits for something, or still turns its event loop.
 * 'hung': none come, and its thread does neither: it computes, or is in a native call. 'closed': the task has closed its pulse. 'ended': it is over.
 */
export type HealthState = "starting" | "healthy" | "blocked" | "hung" | "closed" | "ended";

/** How a task with a pulse is. */
export interface Health<P = unknown> {
  readonly state: HealthState;
  /** Pulses that have come. */
  readonly beats: number;
  /** Whole intervals without one. */
  readonly missed: number;
  /** Since when, on performance.now()'s clock: the last pulse, or the start. */
  readonly sinceMs: number;
  /** What it does instead, if it is blocked or hung. */
  readonly doing: string | undefined;
  /** Since when it does, if that is known: a wait of the runtime's. */
  readonly doingSinceMs: number | undefined;
  /** What it has told last. */
  readonly progress: P | undefined;
}

const LOOKS = 4;

export class Watch<P> {
  readonly #rt: Runtime;
  readonly #handles: PulseHandles;
  readonly #settings: HeartbeatSettings;
  readonly #onLook: (isChange: boolean) => void;
  #timer: Later | undefined;
  #state: HealthState = "starting";
  #beats = 0;
  #turns = 0;
  /** Looks since the last pulse, and since the last turn of its event loop. */
  #still = 0;
  #stillTurns = 0;
  #sinceMs = now();
  #doing: string | undefined;
  #doingSinceMs: number | undefined;
  progress: P | undefined;

  constructor(rt: Runtime, handles: PulseHandles, settings: HeartbeatSettings, onLook: (isChange: boolean) => void) {
    this.#rt = rt;
    this.#handles = handles;
    this.#settings = settings;
    this.#onLook = onLook;
    this.#next();
  }

  get health(): Health<P> {
    const missed = this.#state === "ended" ? 0 : Math.floor(this.#still / LOOKS);
    const { progress } = this;
    const [state, beats, sinceMs, doing, doingSinceMs] = [this.#state, this.#beats, this.#sinceMs, this.#doing, this.#doingSinceMs];
    return { state, beats, missed, sinceMs, doing, doingSinceMs, progress };
  }

  #next(): void {
    this.#timer = later(() => this.look(true), this.#settings.everyMs / LOOKS);
  }

  /** Looks now; `isTimed`: one of the looks that count. */
  look(isTimed: boolean): void {
    const { beats, turns } = this.#handles;
    if (this.#state === "ended" || beats.place.thread.isClosed) return;
    const isClosed = beats.place.isClosed;
    const [seenBeats, seenTurns] = [isClosed ? this.#beats : beats.load(), turns.load()];
    const isAlive = seenTurns !== this.#turns;
    const isPulse = seenBeats !== this.#beats || (this.#settings.by === "interval" && isAlive);
    if (isTimed) {
      this.#still++;
      this.#stillTurns++;
    }
    if (isAlive) this.#stillTurns = 0;
    if (isPulse) {
      this.#still = 0;
      this.#sinceMs = now();
    }
    this.#beats = seenBeats;
    this.#turns = seenTurns;
    if (isTimed) this.#next();
    this.#become(isClosed ? "closed" : this.#judge(isPulse), isPulse);
  }

  #judge(isPulse: boolean): HealthState {
    const { everyMs, missed, startMs } = this.#settings;
    if (isPulse) return "healthy";
    const isStarting = this.#state === "starting" && this.#beats === 0;
    const most = isStarting ? startMs / everyMs : missed;
    if (this.#still < most * LOOKS) return isStarting ? "starting" : this.#state === "starting" ? "healthy" : this.#state;
    const isTurning = this.#stillTurns < Math.max(2, missed) * LOOKS && this.#turns > 0;
    return isTurning || this.#isParked ? "blocked" : "hung";
  }

  /** Node's id of its thread. */
  get #threadId(): number {
    return this.#handles.thread.load() - 1;
  }

  /** Its thread waits in the heap. */
  get #isParked(): boolean {
    const { heap } = this.#handles.beats.place.thread;
    for (const slot of slots(heap)) if (threadIdOf(heap, slot) === this.#threadId) return stateOf(heap, slot) === "blocked";
    return false;
  }

  #become(state: HealthState, isPulse: boolean): void {
    const isChange = state !== this.#state;
    this.#state = state;
    if (isChange) this.#ask(state);
    if (isChange || isPulse) this.#onLook(isChange);
  }

  /** What it does instead of beating: asked once, when that begins. */
  #ask(state: HealthState): void {
    this.#doing = state === "hung" ? "in a loop or a native call" : undefined;
    this.#doingSinceMs = undefined;
    if (state !== "blocked") return;
    const waits = this.#rt.inspect().threads.find(({ threadId }) => threadId === this.#threadId)?.waits ?? [];
    const wait = waits.find(({ isBlocking }) => isBlocking) ?? waits.find(({ mayEndByItself }) => !mayEndByItself) ?? waits[0];
    this.#doing = wait ? `waiting to ${wait.on.join(" or to ")}` : "waiting for something outside the runtime";
    if (wait && wait.since > 0) this.#doingSinceMs = wait.since - performance.timeOrigin;
  }

  end(): void {
    this.look(false);
    this.#timer?.cancel();
    this.#become("ended", false);
  }
}
