// The judge by itself at sync primitives: histories written by hand, right ones and wrong ones.

import { describe, expect, it } from "vitest";
import * as B from "./board.ts";
import { Judge } from "./judge.ts";
import type { Program } from "./program.ts";
import {
  acquire,
  add,
  closeSync,
  give,
  hold,
  lock,
  meet,
  once,
  plus,
  recover,
  rLock,
  signal,
  tryLock,
  waitAt,
  zero,
} from "./program-sync.ts";
import * as R from "./results.ts";

const program = (syncs: NonNullable<Program["syncs"]>, ...threads: Program["threads"]): Program => ({
  name: "by hand",
  channels: [],
  syncs,
  threads,
});
const begins = (task: number, index = 0) => [B.INVOKE, task, index];
const gives = (task: number, index: number, ...result: number[]) => [B.RETURN, task, index, ...result];
const did = (task: number, index: number, ...result: number[]) => [begins(task, index), gives(task, index, ...result)];
const dies = (thread: number) => [
  [B.DEATH, thread],
  [B.FENCED, thread],
];
const wrong = /^no order of the operations/;

describe("Judge at sync primitives", () => {
  const locks = program([{ kind: "mutex" }], [[lock(0), give(0)]], [[lock(0), give(0)]], [[tryLock(0)]]);

  it("sees two inside, and somebody passed over", () => {
    expect(Judge.findFault(locks, [...did(0, 0, R.OK), ...did(1, 0, R.OK)])).toMatch(wrong);
    expect(Judge.findFault(locks, [...did(0, 0, R.OK), begins(1), ...did(0, 1, R.OK), gives(1, 0, R.OK)])).toBeUndefined();
    // Handed over to who waits longest: once that one must be asleep, nobody else can have it first.
    const rested = [...did(0, 0, R.OK), begins(1), [B.REST], ...did(0, 1, R.OK)];
    expect(Judge.findFault(locks, [...rested, ...did(2, 0, R.OK)])).toMatch(wrong);
    expect(Judge.findFault(locks, [...rested, ...did(2, 0, R.NONE), gives(1, 0, R.OK)])).toBeUndefined();
  });

  it("sees a wake that was lost, and a lock that is free and cannot be had", () => {
    const over = [...did(0, 0, R.OK), begins(1), ...did(0, 1, R.OK)];
    expect(Judge.findFault(locks, [...over, [B.REST]])).toMatch(wrong);
    expect(Judge.findFault(locks, [...did(0, 0, R.OK), begins(1), [B.REST]])).toBeUndefined();
    expect(Judge.findFault(locks, did(2, 0, R.NONE))).toMatch(wrong);
  });

  it("gives back what the dead held after their exit, marked; not before", () => {
    const held = [...did(0, 0, R.OK), begins(1), ...dies(1)];
    expect(Judge.findFault(locks, [...held, gives(1, 0, R.OK)])).toMatch(wrong);
    expect(Judge.findFault(locks, [...held, gives(1, 0, R.ABANDONED)])).toMatch(wrong);
    expect(Judge.findFault(locks, [...held, [B.GONE, 1], gives(1, 0, R.OK)])).toMatch(wrong);
    expect(Judge.findFault(locks, [...held, [B.GONE, 1], gives(1, 0, R.ABANDONED), [B.REST]])).toBeUndefined();
    expect(Judge.findFault(locks, [...held, [B.GONE, 1], [B.REST]])).toMatch(wrong);
    const recovered = program([{ kind: "mutex" }], [[lock(0)]], [[recover(0), give(0)]]);
    expect(Judge.findFault(recovered, [...did(0, 0, R.OK), begins(1), ...dies(1), [B.GONE, 1], gives(1, 0, R.OK)])).toBeUndefined();
    const reader = program([{ kind: "rwMutex" }], [[rLock(0)]], [[lock(0)]]);
    expect(Judge.findFault(reader, [...did(0, 0, R.OK), begins(1), ...dies(1), [B.GONE, 1], gives(1, 0, R.OK)])).toBeUndefined();
  });

  it("knows weights: who asks for much is not passed by who asks for little", () => {
    const weights = program([{ kind: "semaphore", permits: 2 }], [[acquire(0, 1)]], [[acquire(0, 2)]], [[acquire(0, 1)]]);
    const waits = [...did(0, 0, R.OK), begins(1), [B.REST]];
    expect(Judge.findFault(weights, [...waits, ...did(2, 0, R.OK)])).toMatch(wrong);
    expect(Judge.findFault(weights, [...waits, begins(2), [B.REST]])).toBeUndefined();
    expect(Judge.findFault(weights, [...did(0, 0, R.OK), ...did(2, 0, R.OK)])).toBeUndefined();
  });

  it("knows counts", () => {
    const counts = program([{ kind: "waitGroup" }], [[add(0, 1), add(0, -1), add(0, -1)]], [[zero(0)]], [[hold(0)]]);
    expect(Judge.findFault(counts, [...did(0, 0, R.OK), ...did(1, 0, R.OK)])).toMatch(wrong);
    expect(Judge.findFault(counts, [...did(0, 0, R.OK), ...did(0, 1, R.OK), ...did(0, 2, R.OK)])).toMatch(wrong);
    expect(Judge.findFault(counts, [...did(0, 0, R.OK), ...did(0, 1, R.OK), ...did(0, 2, R.NONE), ...did(1, 0, R.OK)])).toBeUndefined();
    const place = [...did(2, 0, R.OK), begins(1), [B.REST], ...dies(3)];
    expect(Judge.findFault(counts, [...place, gives(1, 0, R.OK)])).toMatch(wrong);
    expect(Judge.findFault(counts, [...place, [B.GONE, 3], gives(1, 0, R.OK)])).toBeUndefined();
  });

  it("knows conditions: a signal is for who waited then, and for one", () => {
    const both = program(
      [{ kind: "mutex" }, { kind: "cond", lock: 0 }],
      [[lock(0), waitAt(1, 0), give(0)]],
      [[lock(0), waitAt(1, 0), give(0)]],
      [[signal(1)]],
    );
    const waits = [...did(0, 0, R.OK), begins(0, 1), ...did(1, 0, R.OK), begins(1, 1), [B.REST], ...did(2, 0, R.OK)];
    expect(Judge.findFault(both, [...waits, gives(0, 1, R.OK, 1), ...did(0, 2, R.OK), [B.REST]])).toBeUndefined();
    expect(Judge.findFault(both, [...waits, gives(1, 1, R.OK, 1)])).toMatch(wrong);
    expect(Judge.findFault(both, [...waits, gives(0, 1, R.OK, 1), ...did(0, 2, R.OK), gives(1, 1, R.OK, 1)])).toMatch(wrong);
    expect(Judge.findFault(both, [...did(2, 0, R.OK), ...did(0, 0, R.OK), ...did(0, 1, R.OK, 1)])).toMatch(wrong);
    // The signalled one dies before it has the lock: the other is signalled.
    const dead = [...waits, ...dies(1), [B.GONE, 1]];
    expect(Judge.findFault(both, [...dead, gives(1, 1, R.OK, 1)])).toBeUndefined();
  });

  it("knows that a once is done once, barriers, numbers, and what is closed", () => {
    const onces = program([{ kind: "once" }], [[once(0)]], [[once(0)]]);
    expect(Judge.findFault(onces, [begins(0), begins(1), gives(0, 0, R.OK), gives(1, 0, R.OK)])).toMatch(wrong);
    expect(Judge.findFault(onces, [begins(0), begins(1), gives(0, 0, R.OK), gives(1, 0, R.DONE)])).toBeUndefined();
    expect(Judge.findFault(onces, [begins(0), begins(1), ...dies(1), [B.GONE, 1], gives(1, 0, R.OK)])).toBeUndefined();
    const meets = program([{ kind: "barrier", parties: 2 }], [[meet(0)]], [[meet(0)]]);
    expect(Judge.findFault(meets, did(0, 0, R.VALUE, 0))).toMatch(wrong);
    expect(Judge.findFault(meets, [begins(0), begins(1), gives(0, 0, R.VALUE, 0), gives(1, 0, R.VALUE, 0)])).toMatch(wrong);
    expect(Judge.findFault(meets, [begins(0), begins(1), gives(0, 0, R.VALUE, 0), gives(1, 0, R.VALUE, 1)])).toBeUndefined();
    const sums = program([{ kind: "int" }], [[plus(0, 1)]], [[plus(0, 2)]]);
    expect(Judge.findFault(sums, [begins(0), begins(1), gives(0, 0, R.VALUE, 1), gives(1, 0, R.VALUE, 2)])).toMatch(wrong);
    expect(Judge.findFault(sums, [begins(0), begins(1), gives(0, 0, R.VALUE, 3), gives(1, 0, R.VALUE, 2)])).toBeUndefined();
    const closed = program([{ kind: "mutex" }], [[lock(0)]], [[closeSync(0)]]);
    expect(Judge.findFault(closed, [...did(1, 0, R.OK), ...did(0, 0, R.OK)])).toMatch(wrong);
    expect(Judge.findFault(closed, [...did(1, 0, R.OK), ...did(0, 0, R.REFUSED)])).toBeUndefined();
  });
});
