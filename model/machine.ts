// Runs one action of one thread: a whole call (coarse) or one atomic operation of it (fine), and the thread-local JavaScript after it.

import * as L from "../src/runtime/memory/layout.ts";
import type { Compiled } from "./codegen.ts";
import { DONE } from "./codegen.ts";
import { indexOf, NAMES } from "./interpreter.ts";
import { checkLists, checkReuse, freshLimits } from "./records.ts";
import type { Thread } from "./thread.ts";
import * as T from "./thread.ts";
import type { World } from "./world.ts";

/** Transitions that carry the caller's slot and epoch: retired, they are refused. */
const CARRY_EPOCH = new Set(
  (
    "trySend tryRecv trySendMany tryRecvMany chanOp unlink close chanMake chanFree chanClaim blockAlloc blockFree opChunk schemaAdd " +
    "syncMake syncAcquire syncRelease syncServe syncAdd syncSignal syncClose syncFree syncKeep numberDo " +
    "bucketTake bucketGive bucketSet keyTake keyDrop " +
    "taskReserve taskGo taskTake taskFinish taskFail taskCancel taskCollect"
  )
    .split(" ")
    .map(indexOf),
);

const chanOp = indexOf("chanOp");

/** Transitions that wake whom they take off an idle list. */
const TASK_WAKERS = new Set(["taskGo", "taskTake", "taskKick"].map(indexOf));

/** Transitions that may take fresh memory, and only if there is none to reuse. */
const FRESH = new Set(["blockAlloc", "chanMake", "opChunk", "taskGo"].map(indexOf));

export class Machine {
  readonly world: World;
  readonly functions: Compiled[];
  readonly isFine: boolean;
  readonly supervisor: number;
  readonly canFence: boolean;

  constructor(world: World, functions: Compiled[], isFine: boolean, supervisor: number, canFence: boolean) {
    this.supervisor = supervisor;
    this.canFence = canFence;
    this.world = world;
    this.functions = functions;
    this.isFine = isFine;
  }

  /** Threads notified during the running action. */
  private woken: Thread | undefined;

  /** The transition that runs as one, or −1. */
  private running = -1;

  /** The sleeper of an address, if it is this thread, goes on. Woken for a task, it has left the idle list: the next task wakes another. */
  wake(t: Thread, address: number): void {
    const stands = t.index !== this.supervisor && this.world.m[(t.slot + L.SLOT_IDLE_QUEUE) >> 2] !== 0;
    if (stands && TASK_WAKERS.has(this.running)) t.fail("was woken for a task and still stands in an idle list");
    t.notified(address);
    this.woken = t;
  }

  /** In the fine grain a named call runs at once up to its first atomic operation (plain reads at most, and they may race with nothing). */
  settle(t: Thread): void {
    if (!this.isFine || t.kind !== T.CALL || t.block !== 0) return;
    const fn = this.functions[t.target]!;
    const [a0, a1, a2, a3, a4, a5] = [0, 1, 2, 3, 4, 5].map((i) => t.argument(i)) as [number, number, number, number, number, number];
    t.beginCall(0);
    const block = fn.fine(0, t.callWords, a0, a1, a2, a3, a4, a5);
    if (block === DONE) {
      t.resume(this.world.result);
      this.settle(t);
    } else t.setBlock(block, false);
  }

  /**
   * The next atomic operation can neither be seen by another thread nor see one: it commutes with everything that may happen before it, so it needs no
   * interleaving point. These are loads of a word whose lock the thread holds; everything on the supervisor's own epoch and lock; and, while no fence
   * can strike, a thread's own epoch and slot lock (only its sweep touches them, and that comes after its death; with channels of blocks peers take the
   * slot lock as well, and then it is not private).
   */
  private isPrivate(t: Thread, fn: Compiled): boolean {
    const ahead = fn.ahead(t.block, t.callWords);
    const address = Math.abs(ahead);
    if (ahead > 0 && this.world.holderOf(address) === t.index) return true;
    const own = address - t.slot;
    if (own !== L.SLOT_EPOCH && (own !== L.SLOT_LOCK || t.history.hasBlocks)) return false;
    return t.index === this.supervisor || !this.canFence;
  }

  /** Operations of threads that are gone or fenced which nobody has completed. */
  private waitingOfTheGone(t: Thread): number[] {
    const gone = t.history.threads.filter((other) => other.isFenced && other.ops !== 0);
    const operations = gone.flatMap(({ ops }) => Array.from({ length: 6 }, (_, i) => ops + i * L.OP_SIZE));
    return operations.filter((op) => this.world.m[(op + L.OP_STATE) >> 2] === L.OP_WAITING);
  }

  /** No call comes back with a lock; and, where calls are atomic, none leaves a torn list. */
  private checkReturn(t: Thread): void {
    const held = this.world.locksHeldBy(t.index);
    if (held !== 0) t.fail(`its call returned with ${held} locks held`);
    if (this.isFine) return;
    checkLists(this.world, t.slot, t.history.hasTasks);
    if (t.history.hasBlocks) for (const { slot } of t.history.threads) if (slot !== 0) checkLists(this.world, slot, false);
  }

  /** Does the thread's next action. */
  run(t: Thread): void {
    const { world } = this;
    world.actor = t.index;
    switch (t.kind) {
      case T.CALL: {
        const fn = this.functions[t.target]!;
        if (!this.isFine) {
          const [a0, a1, a2, a3, a4, a5] = [0, 1, 2, 3, 4, 5].map((i) => t.argument(i)) as [number, number, number, number, number, number];
          const wasFenced = t.isFenced && CARRY_EPOCH.has(t.target);
          const before = FRESH.has(t.target) ? freshLimits(world) : undefined;
          const waiting = t.target === chanOp ? this.waitingOfTheGone(t) : [];
          this.running = t.target;
          const status = fn.coarse(a0, a1, a2, a3, a4, a5);
          this.running = -1;
          if (before !== undefined && status === L.OK) checkReuse(world, before, t.slot, NAMES[t.target]!);
          if (wasFenced && status !== L.FENCED && status !== L.STALE) t.fail(`is fenced, and its call was answered ${status}`);
          for (const op of waiting) if (world.m[(op + L.OP_STATE) >> 2]! >= L.OP_FIRED) t.fail("handed a value to a thread that is gone");
          if (status === L.BUSY) t.fail(`${NAMES[t.target]!} is to be tried again, and nobody holds anything`);
          this.checkReturn(t);
          t.resume(status);
          break;
        }
        if (t.block === 0) this.settle(t); // begun by somebody else's step
        for (;;) {
          const block = fn.fine(t.block, t.callWords, 0, 0, 0, 0, 0, 0);
          if (block === DONE) {
            t.setBlock(0, false);
            this.checkReturn(t);
            t.resume(world.result);
            break;
          }
          t.setBlock(block, true);
          if (!this.isPrivate(t, fn)) break;
        }
        break;
      }
      case T.LOAD:
        t.resume(world.aLoad(t.target));
        break;
      case T.STORE: {
        world.aStore(t.target, t.argument(0));
        t.resume(0);
        break;
      }
      case T.XCHG:
        t.resume(world.xchg(t.target, t.argument(0)));
        break;
      case T.WAIT:
        if (world.aLoad(t.target) === 1) t.wakeAndSleep();
        else t.resume(0);
        break;
      case T.AWAIT: // the supervisor's loop, for an exit
      case T.HOLD:
        t.resume(0);
        break;
      default:
        t.fail("has nothing to do");
    }
    this.settle(t);
    if (this.woken !== undefined) {
      this.settle(this.woken);
      this.woken = undefined;
    }
  }
}
