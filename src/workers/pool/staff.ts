// A pool's desks: opened, replaced when their threads die or are used up, fewer or more of them; which lane each serves.
//
//   open → ready → … calls … → thread dies, is used up, is not wanted → its calls go back → another desk, on a fresh thread
//
// Invariants
//   1. As many desks are opening or open as the pool is to have; one that leaves or has died is replaced when its thread has ended.
//   2. A crew thread runs one desk's task for all its life: when the task has ended the thread is dismissed.
//   3. The word of claims is freed once its thread has exited: until then a thread that was retired may still look at it.

import { now } from "../../runtime/clock.ts";
import { describe, HeddleError } from "../../runtime/errors.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import type { AtomicInt } from "../../runtime/sync/index.ts";
import { Crew, type CrewHome } from "../crew.ts";
import type { PostChange } from "../post.ts";
import { Desk, type DeskHooks, type Left } from "./desk.ts";
import type { Seat } from "./pool-call.ts";
import type { PoolSettings } from "./settings.ts";
import { DEFAULT_LANE } from "./settings.ts";
import type { Place } from "./wire.ts";

const SERVE = { url: new URL(import.meta.url.endsWith(".ts") ? "./serve.ts" : "./serve.js", import.meta.url).href, name: "serve" };
/** Desks in a row that did not open before the pool gives up. */
const MOST_FAILURES = 3;
const HEAP_EVERY_MS = 100;
const MEGABYTE = 1024 * 1024;

export interface StaffHooks extends Pick<DeskHooks, "onAnswer" | "onAnswers"> {
  /** A desk has opened: it takes calls. */
  onOpen(): void;
  onLeft(desk: Desk, left: Left): void;
  /** No desk opens any more. */
  onBroken(error: Error): void;
}

export class Staff {
  readonly #thread: Thread;
  readonly #url: string;
  readonly #settings: PoolSettings;
  readonly #hooks: StaffHooks;
  readonly #crew: Crew;
  readonly #hasThreads: boolean;
  /** Words of claims of threads that have died and not exited. */
  readonly #graves = new Map<number, AtomicInt>();
  /** Threads that have exited before their desk has ended. */
  readonly #exited = new Set<number>();
  #desks: Desk[] = [];
  #size: number;
  /** Milliseconds that desks which have ended were there. */
  #pastMs = 0;
  #failures = 0;
  #isClosed = false;
  #onDeskEnd: (() => void) | undefined;

  constructor(home: CrewHome, thread: Thread, url: string, settings: PoolSettings, hooks: StaffHooks) {
    this.#thread = thread;
    this.#url = url;
    this.#settings = settings;
    this.#hooks = hooks;
    this.#size = settings.threads;
    this.#hasThreads = home.hasThreads;
    this.#crew = new Crew(home, { threads: settings.threads, onChange: (change) => this.#onChange(change) });
    try {
      this.#hire();
    } catch (error) {
      this.#stop();
      throw error;
    }
  }

  /** Those that have not ended. */
  get desks(): readonly Desk[] {
    return this.#desks;
  }

  get size(): number {
    return this.#size;
  }

  get open(): number {
    let open = 0;
    for (const desk of this.#desks) if (desk.state === "open") open++;
    return open;
  }

  /** Milliseconds that all its threads together have been there. */
  get presentMs(): number {
    const nowMs = now();
    return this.#desks.reduce((sum, desk) => sum + nowMs - desk.openedAtMs, this.#pastMs);
  }

  /** Opens desks until there are as many as there are to be. */
  #hire(): void {
    if (this.#isClosed) return;
    const staying = this.#desks.filter((desk) => desk.state === "opening" || desk.state === "open");
    for (let missing = this.#size - staying.length; missing > 0; missing--) staying.push(this.#open(this.#laneFor(staying)));
  }

  /** The lane that has fewer desks than are reserved for it; undefined, which is every lane, if there is none. */
  #laneFor(desks: readonly Desk[]): string | undefined {
    for (const [lane, reserved] of this.#settings.lanes) {
      if (desks.filter((desk) => desk.lane === lane).length < reserved) return lane;
    }
    return undefined;
  }

  #open(lane: string | undefined): Desk {
    const { setUp, tearDown, warmUp, warmUpRounds, recycle } = this.#settings;
    const desk = new Desk(this.#thread, lane, recycle.calls, {
      onReady: () => {
        this.#failures = 0;
        this.#hooks.onOpen();
      },
      onHeap: (of, used) => {
        if (used > recycle.heapMb * MEGABYTE) this.retire(of);
      },
      onAnswer: this.#hooks.onAnswer,
      onAnswers: this.#hooks.onAnswers,
      onEnd: (of, left) => this.#onEnd(of, left),
    });
    this.#desks.push(desk);
    const place: Place = {
      url: this.#url,
      inbox: desk.inbox.receiver,
      answers: desk.answers.sender,
      values: desk.values.sender,
      claims: desk.claims,
      setUp,
      tearDown,
      warmUp,
      warmUpRounds,
      heapEveryMs: recycle.heapMb === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : HEAP_EVERY_MS,
    };
    this.#follow(desk, place);
    return desk;
  }

  #follow(desk: Desk, place: Place): void {
    try {
      this.#crew.go(SERVE, [place], {}, true).then(
        () => desk.over(undefined),
        (error: unknown) => desk.over({ error }),
      );
    } catch (error) {
      desk.over({ error }); // the crew has no threads, or the heap no room
    }
  }

  /** Gets no more calls, works off what it has claimed, and goes; answers the calls that are to find another desk. */
  retire(desk: Desk): void {
    if (desk.state !== "open" && desk.state !== "opening") return;
    const unbegun = desk.takeBack();
    desk.leave();
    this.#hooks.onLeft(desk, { lost: [], unbegun, failure: undefined });
  }

  /** Kills the desk's thread. Without threads: nothing can. */
  kill(desk: Seat, reason: string): void {
    this.#crew.kill(desk.threadId, reason);
  }

  resize(size: number): void {
    this.#size = size;
    this.#crew.resize(size);
    const staying = this.#desks.filter((desk) => desk.state === "opening" || desk.state === "open");
    staying.sort((a, b) => rank(b) - rank(a)); // those that are used least go first
    for (const desk of staying.slice(0, Math.max(0, staying.length - size))) this.retire(desk);
    this.#hire();
  }

  #onEnd(desk: Desk, left: Left): void {
    const { failure } = left;
    const isNew = desk.threadId === 0 && desk.answered === 0;
    this.#desks = this.#desks.filter((one) => one !== desk);
    this.#pastMs += now() - desk.openedAtMs;
    const hasDied = (failure?.error as { code?: unknown } | undefined)?.code === "ERR_THREAD_DIED";
    if (hasDied && desk.threadId !== 0 && !this.#exited.delete(desk.threadId)) this.#graves.set(desk.threadId, desk.claims);
    else if (!this.#thread.isClosed) desk.claims.close();
    if (!hasDied && desk.threadId !== 0) this.#crew.dismiss(desk.threadId);
    this.#hooks.onLeft(desk, left);
    if (failure && isNew && ++this.#failures >= MOST_FAILURES) this.#break(failure.error);
    else this.#replace();
    this.#onDeskEnd?.();
  }

  #replace(): void {
    try {
      this.#hire();
    } catch (error) {
      this.#break(error);
    }
  }

  #break(cause: unknown): void {
    if (this.#isClosed) return;
    const why = (cause as Error | undefined)?.message ?? describe(cause);
    this.#stop();
    this.#hooks.onBroken(new HeddleError("ERR_THREAD_START", `the pool's threads cannot be set up: ${why}`, { cause }));
  }

  #onChange(change: PostChange): void {
    if (change.what !== "died") return; // a start that fails has the desk's task refused
    const grave = this.#graves.get(change.threadId);
    if (grave) grave.close();
    else if (this.#desks.some((desk) => desk.threadId === change.threadId)) this.#exited.add(change.threadId);
    this.#graves.delete(change.threadId);
  }

  /** Every desk gets no more calls; resolves when their threads are torn down, after `withinMs` at the latest. */
  async dismiss(withinMs: number): Promise<void> {
    this.#isClosed = true;
    for (const desk of this.#desks) this.retire(desk);
    await this.#until(() => this.#desks.length === 0, withinMs);
  }

  /** Stops what is left; resolves when it has, after `withinMs` at the latest. */
  async close(withinMs: number): Promise<void> {
    this.#stop();
    let isGone = false;
    void this.#crew.gone.then(() => {
      isGone = true;
      this.#onDeskEnd?.();
    });
    await this.#until(() => isGone, withinMs);
  }

  #stop(): void {
    this.#isClosed = true;
    this.#crew.close();
    void this.#crew.gone.then(() => {
      if (!this.#thread.isClosed) for (const word of this.#graves.values()) word.close();
      this.#graves.clear();
    });
    if (this.#hasThreads) return;
    const error = new HeddleError("ERR_CLOSED", "the pool is closed");
    for (const desk of this.#desks) desk.over({ error });
  }

  /** Looks whenever a desk has ended. */
  #until(isSo: () => boolean, withinMs: number): Promise<void> {
    if (isSo() || withinMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const { timers } = this.#thread;
      const end = () => {
        if (timer) timers.cancel(timer);
        this.#onDeskEnd = undefined;
        resolve();
      };
      const timer = withinMs === Number.POSITIVE_INFINITY ? undefined : timers.add(now() + withinMs, end);
      this.#onDeskEnd = () => isSo() && end();
    });
  }
}

/** How dispensable a desk is: one that is not open yet most, then those without calls; one of a lane's own least. */
function rank(desk: Desk): number {
  if (desk.state === "opening") return 3;
  return (desk.length === 0 ? 1 : 0) + (desk.lane === undefined || desk.lane === DEFAULT_LANE ? 1 : 0);
}
