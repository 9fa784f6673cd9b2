// A thread as its supervisor knows it.
//
// States   starting → ready → ending (fenced: told to stop, or gone already) → buried, when it has exited
//                                        └→ zombie, when it has not exited in time → buried, should it exit after all

import type { TimerEntry } from "../runtime/timer-wheel.ts";
import type { DeathReason } from "./death.ts";
import type { Post } from "./post.ts";

export class Member {
  readonly slot: number;
  readonly epoch: number;
  readonly post: Post;
  /** Node's id of the thread; 0 until the system has given one. */
  threadId = 0;
  state: "starting" | "ready" | "ending" | "zombie" | "buried" = "starting";
  wasReady = false;
  /** It is not wanted any more: its end is no death. */
  isDismissed = false;
  /** Why it ends; set by the fence. */
  reason: DeathReason | undefined;
  /** What its tasks' joiners are told, encoded. */
  cause: Uint8Array = new Uint8Array();
  /** Running tasks that ended with it. */
  tasksLost = 0;
  /** A task it was stopped for has not been told yet. */
  owesAnswer = false;
  /** Runs out when it has not exited in time. */
  deadline: TimerEntry | undefined;
  /** It is buried, or a zombie. */
  onGone: (() => void) | undefined;

  constructor(slot: number, epoch: number, post: Post) {
    this.slot = slot;
    this.epoch = epoch;
    this.post = post;
  }

  get isFenced(): boolean {
    return this.reason !== undefined;
  }
}
