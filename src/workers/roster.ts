// Who is on the staff of a runtime: its threads by slot, and the slots that are free.

import { HeddleError } from "../runtime/errors.ts";
import * as L from "../runtime/memory/layout.ts";
import { slotAt, slotIndex, Thread } from "../runtime/memory/thread.ts";
import { Member } from "./member.ts";
import type { Post } from "./post.ts";
import { collectLate } from "./sweep.ts";

export class Roster {
  readonly #thread: Thread;
  readonly #members = new Map<number, Member>();
  readonly #freeSlots: number[] = [];
  #slotsOpened = 1; // the supervising thread's own

  constructor(thread: Thread) {
    this.#thread = thread;
  }

  get all(): Member[] {
    return [...this.#members.values()];
  }

  in(state: Member["state"]): Member[] {
    return this.all.filter((member) => member.state === state);
  }

  at(post: Post): Member[] {
    return this.all.filter((member) => member.post === post);
  }

  find(threadId: number): Member | undefined {
    return this.all.find((member) => member.threadId === threadId);
  }

  /** A member for a thread that is about to be started, with a slot of its own. Throws ERR_THREAD_START when there is none left. */
  enlist(post: Post): Member {
    const { heap } = this.#thread;
    const slot = this.#freeSlots.pop() ?? slotAt(this.#slotsOpened);
    if (slotIndex(slot) >= L.SLOT_COUNT) {
      throw new HeddleError(
        "ERR_THREAD_START",
        `expected at most ${L.SLOT_COUNT} threads in a runtime, those that have not exited included`,
      );
    }
    this.#slotsOpened = Math.max(this.#slotsOpened, slotIndex(slot) + 1);
    const member = new Member(slot, Thread.open(heap, slot), post);
    heap.u32[(slot + L.SLOT_QUEUE) >> 2] = post.queue;
    Atomics.store(heap.i32, L.HEAP_SLOTS_AT >> 2, this.#slotsOpened);
    this.#members.set(slot, member);
    return member;
  }

  /** It has exited and was swept: its slot may serve another. */
  strike(member: Member): void {
    this.#members.delete(member.slot);
    this.#freeSlots.push(member.slot);
  }

  /** Tasks that ended after their joiner had exited are dropped. */
  collectLate(): void {
    for (const slot of this.#freeSlots) collectLate(this.#thread, slot);
  }
}
