// Does a task's operations on sync primitives through the public doors, and keeps what the task holds.

import type { WaitOptions } from "../../src/runtime/deadline.ts";
import type { Shared } from "../../src/runtime/operation/shared.ts";
import type * as S from "../../src/runtime/sync/index.ts";
import type { Operation } from "./program.ts";
import { isSync, type SyncOperation } from "./program-sync.ts";
import * as R from "./results.ts";

type OptionsOf = WaitOptions | undefined;
type Result = readonly number[] | Promise<readonly number[]>;
type Take = Extract<SyncOperation, { do: "take" }>;
type Numbers = S.AtomicInt | S.AtomicFlag | S.AtomicFloat;

export class SyncActor {
  readonly #syncs: readonly Shared[];
  readonly #held = new Map<number, S.Hold[]>();

  constructor(syncs: readonly Shared[]) {
    this.#syncs = syncs;
  }

  /** What was refused before cannot be given back, nor waited at its condition. */
  isPossible(operation: Operation): boolean {
    if (operation.do === "give") return this.#holds(operation.sync).length > 0;
    return operation.do !== "waitAt" || this.#holds(operation.lock).length > 0;
  }

  #holds(sync: number): S.Hold[] {
    const list = this.#held.get(sync) ?? [];
    this.#held.set(sync, list);
    return list;
  }

  do(operation: SyncOperation, options: OptionsOf): Result {
    const it = this.#syncs[operation.sync]!;
    const isBlocking = "door" in operation && operation.door === "sync";
    switch (operation.do) {
      case "take":
        return this.#take(operation, it, options, isBlocking);
      case "tryTake":
        return this.#keep(operation.sync, tryTake(it, operation.as));
      case "give": {
        const hold = this.#holds(operation.sync).shift()!;
        if ("unlock" in hold) (hold as S.Guard).unlock();
        else if ("release" in hold) (hold as S.Permits).release();
        else (hold as S.WaitGroupPlace).done();
        return [R.OK];
      }
      case "add":
        (it as S.WaitGroup).add(operation.n);
        return [R.OK];
      case "await":
        if (!isBlocking) return (it as S.WaitGroup).wait(options).then(() => [R.OK]);
        (it as S.WaitGroup).waitSync(options);
        return [R.OK];
      case "meet":
        if (!isBlocking) return (it as S.Barrier).wait(options).then((isLast) => [R.VALUE, Number(isLast)]);
        return [R.VALUE, Number((it as S.Barrier).waitSync(options))];
      case "once":
        return this.#once(it as S.Once, options, isBlocking);
      case "waitAt": {
        const guard = this.#holds(operation.lock)[0] as S.Guard;
        if (!isBlocking) return (it as S.Cond).wait(guard, options).then(() => [R.OK, 1]);
        (it as S.Cond).waitSync(guard, options);
        return [R.OK, 1];
      }
      case "signal":
        if (operation.all) (it as S.Cond).broadcast();
        else (it as S.Cond).signal();
        return [R.OK];
      case "change":
        return [R.VALUE, change(it as Numbers, operation)];
      case "closeSync":
        it.close();
        return [R.OK];
    }
  }

  #take({ sync, as, recovers }: Take, it: Shared, options: OptionsOf, isBlocking: boolean): Result {
    const keep = (hold: S.Hold) => this.#keep(sync, hold);
    if (typeof as === "number") {
      const semaphore = it as S.Semaphore;
      return isBlocking ? keep(semaphore.acquireSync(as, options)) : semaphore.acquire(as, options).then(keep);
    }
    const lock = it as S.RwMutex;
    if (as === "read") return isBlocking ? keep(lock.rLockSync(options)) : lock.rLock(options).then(keep);
    if (recovers) return isBlocking ? keep(lock.recoverSync(options)) : lock.recover(options).then(keep);
    return isBlocking ? keep(lock.lockSync(options)) : lock.lock(options).then(keep);
  }

  #keep(sync: number, hold: S.Hold | undefined): readonly number[] {
    if (hold === undefined) return [R.NONE];
    this.#holds(sync).push(hold);
    return [R.OK];
  }

  #once(once: S.Once, options: OptionsOf, isBlocking: boolean): Result {
    let isMine = false;
    const body = () => {
      isMine = true;
    };
    const code = () => [isMine ? R.OK : R.DONE];
    if (isBlocking) {
      once.doSync(body, options);
      return code();
    }
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    return once.do(() => turn().then(turn).then(body), options).then(code);
  }

  /** What is known after a failure: at a condition also whether the lock is held. */
  failed(operation: Operation, kind: number): readonly number[] {
    if (!isSync(operation) || operation.do !== "waitAt") return [kind];
    const isHeld = this.#holds(operation.lock)[0]!.isHeld;
    if (!isHeld) this.#holds(operation.lock).shift();
    return [kind, Number(isHeld)];
  }
}

function tryTake(it: Shared, as: Take["as"]): S.Hold | undefined {
  if (typeof as === "number") return (it as S.Semaphore).tryAcquire(as);
  if (as === "place") return (it as S.WaitGroup).hold();
  return as === "read" ? (it as S.RwMutex).tryRLock() : (it as S.Mutex).tryLock();
}

/** A flag is set by 1 and cleared by 0. */
function change(it: Numbers, { what, a, b }: Extract<SyncOperation, { do: "change" }>): number {
  if ("isSet" in it) {
    if (what === "load") return Number(it.isSet);
    return a === 1 ? Number(!it.set()) : Number(it.clear());
  }
  if (what === "load") return it.load();
  if (what === "store") return it.swap(a);
  return what === "add" ? it.add(a) : Number(it.compareAndSwap(a, b));
}
