// The judge's steps at sync primitives: what a task's next move can do, and what happens without any task: the oldest is served, the dead are mended.

import type { SyncOracle } from "../support/sync-oracle.ts";
import { advance, copyOf, type Doing, type State } from "./judge-state.ts";
import type { SyncExpect, SyncMove } from "./moves-sync.ts";

const fits = (expect: SyncExpect, what: string | number) =>
  expect === "any" || (expect !== "never" && (expect as readonly unknown[]).includes(what));

/** What a task's next move, at a sync primitive, can come to. `fellows`: the tasks of its thread. */
export function* syncSteps(state: State, task: number, doing: Doing, move: SyncMove, fellows: readonly number[]): Generator<State> {
  const isWaiting = doing.waits !== 0 || move.step === "collect";
  if ("mayEnd" in move && move.mayEnd && mayGiveUp(state, move)) yield* givenUp(state, task, move);
  if (isWaiting) return;
  const next = copyOf(state);
  const mine = next.doing.get(task)!;
  if (move.step === "ask" && fits(move.expect, "deadlock")) {
    if (fellows.some((one) => state.syncs.isHeldBy(one, move.sync))) {
      advance(mine);
      yield next;
    }
    if (move.expect !== "any") return;
  }
  if (!perform(next.syncs, task, mine, move)) return;
  if (settleSyncs(next)) yield next;
}

function mayGiveUp({ oracle }: State, { expect, ends }: SyncMove & { readonly ends: readonly number[] }): boolean {
  return fits(expect, "given up") && (ends.length === 0 || ends.some((channel) => oracle.isClosed(channel)));
}

function* givenUp(state: State, task: number, { sync, step }: SyncMove): Generator<State> {
  const next = copyOf(state);
  next.syncs.leave(task, sync);
  const mine = next.doing.get(task)!;
  if (step === "join") mine.done = mine.moves.length;
  else advance(mine);
  if (settleSyncs(next)) yield next;
}

/** Does a move at this instant; false if it cannot have come to what it did. */
function perform(syncs: SyncOracle, task: number, mine: Doing, move: SyncMove): boolean {
  const { sync, expect } = move;
  const come = (what: string | number) => {
    advance(mine);
    return fits(expect, what);
  };
  switch (move.step) {
    case "ask": {
      const what = syncs.ask(task, sync, move.ask);
      if (what !== "waits") return come(what);
      mine.waits = 1;
      return expect !== "never";
    }
    case "join": {
      const what = syncs.ask(task, sync, { shares: 1, isKept: true });
      if (what === "waits") return come("ok");
      const collect = mine.moves.slice(mine.done).find((one) => "step" in one && one.step === "collect")!;
      mine.done = mine.moves.length; // refused: the lock was not given back
      return expect === "any" || fits(collect.expect as SyncExpect, what);
    }
    case "give":
      return syncs.giveBack(task, sync) ? come("ok") : false;
    case "end":
      syncs.giveBack(task, sync, { isUsedUp: move.isUsedUp });
      return come("ok");
    case "go on":
      return !syncs.isServable(sync) && come("ok");
    case "add":
      return come(syncs.add(sync, move.n));
    case "signal":
      return come(syncs.signal(sync, move.all));
    case "close":
      return come(syncs.close(sync));
    case "change": {
      const { what, a, b } = move.operation;
      const before = syncs.change(sync, what, a, b);
      if (before === "closed") return come(before);
      return come(what === "add" ? before + a : what === "compare" ? Number(before === a) : before);
    }
    case "collect":
      return false;
  }
}

/** Those who were waiting and have been served; false if it was not with what they came back with. */
export function settleSyncs({ syncs, doing }: State): boolean {
  for (const [task, one] of doing) {
    const move = one.moves[one.done];
    if (!move || !("step" in move) || (move.step !== "collect" && one.waits === 0)) continue;
    const what = syncs.takeOutcome(task, move.sync);
    if (what === undefined) continue;
    if (!fits(move.expect, what)) return false;
    advance(one);
  }
  return true;
}

/** What happens by itself: somebody who gave something back serves the next, or the supervising thread does; the dead are mended. */
export function* byThemselves(state: State, tasksOf: (thread: number) => readonly number[]): Generator<State> {
  const { syncs, gone, retired } = state;
  const ways: ((on: SyncOracle) => void)[] = [];
  for (let at = 0; at < syncs.count; at++) {
    if (syncs.isServable(at)) ways.push((on) => on.serve(at));
    for (const thread of gone)
      for (const task of tasksOf(thread)) if (syncs.isHeldBy(task, at)) ways.push((on) => void on.giveBack(task, at, { isDead: true }));
  }
  const { ghosts, alarms } = syncs.debts;
  for (const { task, at } of ghosts) ways.push((on) => void on.leave(task, at));
  if (retired.size > 0) for (const at of new Set([...alarms, ...syncs.mayAlarm])) ways.push((on) => void on.signal(at, true));
  for (const way of ways) {
    const next = copyOf(state);
    way(next.syncs);
    if (settleSyncs(next)) yield next;
  }
}

/** At rest nobody can be served, and nothing is left to be mended. */
export function areMended({ syncs, gone }: State, tasksOf: (thread: number) => readonly number[]): boolean {
  const { ghosts, alarms } = syncs.debts;
  if (ghosts.length + alarms.length > 0) return false;
  for (let at = 0; at < syncs.count; at++) {
    if (syncs.isServable(at)) return false;
    for (const thread of gone) if (tasksOf(thread).some((task) => syncs.isHeldBy(task, at))) return false;
  }
  return true;
}
