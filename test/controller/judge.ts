// The judge of histories: is there an order of the operations, each at one instant between its beginning and its end, in which a plain channel
// (test/support/channel-oracle.ts) gives what they gave? (Linearizability; Herlihy and Wing, 1990.)
//
//   an operation    a list of moves, each one case list of which one happens: a bulk call is as many moves as values, a select one of several cases
//   a move          happens if the channel has it ready, else its task waits and a peer, a close or a giving-up ends the wait
//   of the dead     what they had begun may have happened or not; a wait of theirs may be served until they are retired, then peers pass it over
//   a trySelect     that finds nothing has looked at its cases one after another: each was not ready at some instant, not all at one (Go locks all
//                   channels of a select and looks at one instant; docs/controller.md)
//   a select        waits in one case after another, each from an instant at which it was not ready
//   a sync primitive  who gives something back serves one who waits and then goes on with the others: it may die in between (test/support/sync-oracle.ts)
//   at rest         whoever has not come to an end waits, and for something that is not ready: no wake was lost
//
// Search   depth first over (place in the history, state of the channels, progress of the tasks), each such state once.

import { ChannelOracle, type OracleOutcome } from "../support/channel-oracle.ts";
import { SyncOracle } from "../support/sync-oracle.ts";
import * as B from "./board.ts";
import { advance, copyOf, type Doing, isAsleep, isUnknown, keyOf, type State } from "./judge-state.ts";
import { areMended, byThemselves, settleSyncs, syncSteps } from "./judge-syncs.ts";
import { type ChannelMove, isSyncMove, type Move, movesOf, operationOf } from "./moves.ts";
import { type Program, tasksOf } from "./program.ts";

const MAX_STATES = 200_000;

export class Judge {
  readonly #program: Program;
  readonly #history: readonly number[][];
  readonly #threads: number[];
  readonly #seen = new Set<string>();
  #furthest = 0;

  private constructor(program: Program, history: readonly number[][]) {
    this.#program = program;
    this.#history = history;
    this.#threads = tasksOf(program).map(({ thread }) => thread);
  }

  /** What is wrong with a history, or undefined. */
  static findFault(program: Program, history: readonly number[][]): string | undefined {
    const judge = new Judge(program, history);
    const oracle = new ChannelOracle([...program.channels.map(({ capacity }) => capacity), ...(program.contexts ?? []).map(() => 0)]);
    const syncs = new SyncOracle(program.syncs ?? []);
    const start = { at: 0, oracle, syncs, doing: new Map(), dead: new Set<number>(), retired: new Set<number>(), gone: new Set<number>() };
    if (judge.#search(start)) return undefined;
    return `no order of the operations gives what they gave; none gets past entry ${judge.#furthest} of the history: ${history[judge.#furthest]?.join(" ") ?? "its end"}`;
  }

  #threadOf(task: number): number {
    return this.#threads[task] ?? B.BOSS;
  }

  readonly #tasksOf = (thread: number): number[] => [...this.#threads.keys()].filter((task) => this.#threads[task] === thread);

  #search(state: State): boolean {
    this.#furthest = Math.max(this.#furthest, state.at);
    if (state.at === this.#history.length) return this.#isNothingLeft(state);
    const key = keyOf(state);
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    if (this.#seen.size > MAX_STATES) throw new Error("the judge finds no end: the history is too long for it");
    const next = this.#consume(state);
    if (next && this.#search(next)) return true;
    for (const [task, doing] of state.doing) {
      for (const moved of this.#moves(state, task, doing)) if (this.#search(moved)) return true;
    }
    for (const moved of byThemselves(state, this.#tasksOf)) if (this.#search(moved)) return true;
    return false;
  }

  /** After the cleaning up nothing that was accepted may be left anywhere. */
  #isNothingLeft({ oracle }: State): boolean {
    const isCleanedUp = this.#history.filter(([code]) => code === B.REST).length > 1;
    return !isCleanedUp || this.#program.channels.every((_, index) => oracle.state(index).isGone);
  }

  /** The state after the next entry of the history, if it can be that. */
  #consume(state: State): State | undefined {
    const [code, subject, index] = this.#history[state.at]!;
    const next = copyOf(state);
    next.at++;
    const isRetired = next.retired.has(this.#threadOf(subject!));
    if (code === B.INVOKE) {
      const operation = operationOf(this.#program, subject!, index!);
      const moves = movesOf(this.#program, operation, this.#endOf(state.at, subject!));
      // It can do nothing any more, but see that its context has ended or a once is done, and change a cell, which knows no epochs.
      if (isRetired && !isCell(moves[0]!, this.#program))
        return moves.every(isUnknown) || isEndOfContext(moves[0]!) || isOnceDone(moves[0]!) ? next : undefined;
      const isSync = "door" in operation && operation.door === "sync";
      next.doing.set(subject!, { moves, isSync, done: 0, waits: 0, unready: 0 });
    } else if (code === B.RETURN) {
      const doing = next.doing.get(subject!);
      if (!doing) return isRetired ? next : undefined;
      if (doing.waits !== 0 || !doing.moves.slice(doing.done).every(isUnknown)) return undefined;
      next.doing.delete(subject!);
    } else if (code === B.DEATH) {
      next.dead.add(subject!);
    } else if (code === B.FENCED) {
      next.retired.add(subject!);
      for (const [task, doing] of next.doing) {
        if (this.#threadOf(task) !== subject) continue;
        // What it comes back with from here on had happened before.
        if (!doing.moves.slice(doing.done).every(isUnknown)) return undefined;
        next.oracle.cancel(task);
        next.doing.delete(task);
      }
      for (const task of this.#tasksOf(subject!)) next.syncs.retire(task);
    } else if (code === B.GONE) {
      next.gone.add(subject!);
    } else if (code === B.REST && !this.#mayRest(next)) return undefined;
    return next;
  }

  /** Every task of the living sleeps, or another task of its thread blocks the thread. */
  #mayRest(state: State): boolean {
    if (!areMended(state, this.#tasksOf)) return false;
    const living = [...state.doing].filter(([task]) => !state.dead.has(this.#threadOf(task)));
    const isResting = ([task, one]: [number, Doing]) => isAsleep(state, task, one);
    const blocked = new Set(living.filter((each) => each[1].isSync && isResting(each)).map(([task]) => this.#threadOf(task)));
    return living.every((each) => isResting(each) || blocked.has(this.#threadOf(each[0])));
  }

  /** The result of the operation that a task begins at an entry. */
  #endOf(at: number, task: number): readonly number[] | undefined {
    for (const [code, subject, , ...result] of this.#history.slice(at + 1)) {
      if (subject !== task || (code !== B.RETURN && code !== B.INVOKE)) continue;
      return code === B.RETURN ? result : undefined;
    }
    return undefined;
  }

  *#moves(state: State, task: number, doing: Doing): Generator<State> {
    const move = doing.moves[doing.done];
    if (!move) return;
    const isDead = state.dead.has(this.#threadOf(task));
    if (isSyncMove(move)) {
      if (!isDead) yield* syncSteps(state, task, doing, move, this.#tasksOf(this.#threadOf(task)));
      else if ("mayEnd" in move && move.mayEnd) yield* leftBehind(state, task, move.sync);
      return;
    }
    if (isDead) {
      if (doing.waits !== 0) yield withdrawn(state, task, true);
      return;
    }
    if (move.close) {
      const next = copyOf(state);
      const isFirst = next.oracle.close(move.close.channel);
      if (move.expect !== "any" && (move.expect === "sent") !== isFirst) return;
      next.doing.get(task)!.done++;
      if (settle(next)) yield next;
      return;
    }
    if (move.expect === "given up") yield withdrawn(state, task, false);
    const free = state.oracle.copy();
    free.cancel(task); // a select does not meet itself
    const ready = free.ready(move.cases);
    if (move.isTry && move.expect === "none") yield* lookedAt(state, task, move, ready);
    if (!move.isTry) yield* linked(state, task, move, ready);
    if (move.expect === "given up" || move.expect === "none") return;
    for (const index of ready) {
      if (doing.waits & (1 << index)) continue;
      const next = copyOf(state);
      next.oracle.cancel(task);
      if (!fits(move, next.oracle.perform(move.cases, index))) continue;
      advance(next.doing.get(task)!);
      if (settle(next)) yield next;
    }
  }
}

/** Waits in one more of the cases: one that is not ready now. */
function* linked(state: State, task: number, move: ChannelMove, ready: readonly number[]): Generator<State> {
  for (const index of move.cases.keys()) {
    if (ready.includes(index) || state.doing.get(task)!.waits & (1 << index)) continue;
    const next = copyOf(state);
    next.oracle.wait(
      task,
      move.cases.map((one, i) => (i === index ? one : null)),
    );
    next.doing.get(task)!.waits |= 1 << index;
    yield next;
  }
}

/** It had given its wait up and died before it left the queue. */
function* leftBehind(state: State, task: number, sync: number): Generator<State> {
  const next = copyOf(state);
  if (next.syncs.leave(task, sync) && settleSyncs(next)) yield next;
}

function isEndOfContext(move: Move): boolean {
  if (isSyncMove(move)) return "ends" in move && move.ends.length > 0 && move.expect.includes("given up");
  return typeof move.expect === "object" && move.expect.from !== undefined;
}

const isCell = (move: Move, { syncs = [] }: Program): boolean => isSyncMove(move) && ["int", "flag"].includes(syncs[move.sync]!.kind);

const isOnceDone = (move: Move): boolean =>
  isSyncMove(move) && move.step === "ask" && move.ask.recovers === true && move.expect.includes("closed");

/** A try notes which of its cases it could have found not ready; it has found nothing once that is all of them. */
function* lookedAt(state: State, task: number, move: ChannelMove, ready: readonly number[]): Generator<State> {
  const next = copyOf(state);
  const doing = next.doing.get(task)!;
  for (const index of move.cases.keys()) if (!ready.includes(index)) doing.unready |= 1 << index;
  if (doing.unready === state.doing.get(task)!.unready) return;
  if (doing.unready === (1 << move.cases.length) - 1) {
    doing.done++;
    doing.unready = 0;
  }
  yield next;
}

/** The task gives the rest of its operation up. */
function withdrawn(state: State, task: number, isForGood: boolean): State {
  const next = copyOf(state);
  next.oracle.cancel(task);
  const doing = next.doing.get(task)!;
  doing.waits = 0;
  if (isForGood) next.doing.delete(task);
  else doing.done = doing.moves.length;
  return next;
}

/** Those that were waiting and have been served by the last move; false if it was not with what they came back with. */
function settle(state: State): boolean {
  for (const [task, outcome] of state.oracle.takeSettled()) {
    const doing = state.doing.get(task)!;
    if (!fits(doing.moves[doing.done] as ChannelMove, outcome)) return false;
    advance(doing);
  }
  return true;
}

function fits({ expect }: ChannelMove, { cases, what }: OracleOutcome): boolean {
  if (expect === "any") return true;
  if (typeof expect !== "object") return expect === what;
  const { index, from = 0 } = expect;
  return expect.what === what && (index === undefined ? cases.some((one) => one >= from) : cases.includes(index));
}
