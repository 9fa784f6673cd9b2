// Which of the things that can happen next happens: given choices first, then the rule of the run.
//
//   STAY        the current thread goes on as long as it can; else the next one in order that can. No thread is interrupted.
//   AT_RANDOM   from a seed: the current thread goes on with a given likelihood, else any thread; locks are found held, clocks tick and signals abort
//               now and then.

import * as B from "./board.ts";

/** Uniform in [0, 1) from a word of state (mulberry32); shared by all threads through the board. */
export function nextRandom(words: Int32Array, at: number): number {
  const state = (words[at]! + 0x6d2b79f5) | 0;
  words[at] = state;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

export const choiceOf = (thread: number, kind: number): number => thread * B.KINDS + kind;
export const threadOf = (choice: number): number => Math.floor(choice / B.KINDS);
export const kindOf = (choice: number): number => choice % B.KINDS;
const has = (options: number, choice: number): boolean => (options & (1 << choice)) !== 0;

/** Steps a thread takes by itself; the others come from outside. */
const OWN = [B.STEP, B.WAKE, B.CALLBACK];

/** Everything that can happen next, as bits. */
export function optionsNow(board: B.Board): number {
  let options = 0;
  let mustGoOn = false;
  const offer = (thread: number, kind: number, isForced = true) => {
    options |= 1 << choiceOf(thread, kind);
    mustGoOn ||= isForced;
  };
  for (let thread = 0; thread < board.get(B.THREAD_COUNT); thread++) {
    const state = board.state(thread);
    if (state === B.AT_GATE) {
      offer(thread, B.STEP);
      if (board.get(B.BUSY_SHARE) > 0 && board.of(thread, B.LABEL) >= B.FIRST_TRANSITION) offer(thread, B.BUSY_STEP);
    }
    if ((state === B.AT_GATE || state === B.BLOCKED) && board.of(thread, B.DEADLINES) > 0) offer(thread, B.TICK);
    if (state === B.IN_LOOP) {
      if (board.of(thread, B.NOTIFIED) > 0) offer(thread, B.WAKE);
      if (board.of(thread, B.CALLBACKS) > 0) offer(thread, B.CALLBACK);
      if (board.of(thread, B.TIMERS) > 0) offer(thread, B.TICK);
      if (board.of(thread, B.ABORTABLE) > 0) offer(thread, B.ABORT, false);
    }
    if (state === B.WATCHING && board.get(B.VICTIM) !== 0) offer(thread, B.WAKE);
  }
  if (!mustGoOn && board.state(B.BOSS) === B.WATCHING) offer(B.BOSS, B.CALLBACK);
  return mustGoOn ? options : 0; // a signal need not be aborted
}

/** The choice of a thread that goes on by itself, or -1. */
function own(options: number, thread: number): number {
  for (const kind of OWN) if (has(options, choiceOf(thread, kind))) return choiceOf(thread, kind);
  return -1;
}

/** What STAY chooses. */
export function stay(options: number, current: number, threads: number, bossRank: number): number {
  const boss = own(options, B.BOSS);
  if (bossRank === B.BOSS_FIRST && boss >= 0) return boss;
  for (let i = 0; i < threads; i++) {
    const thread = (current + i) % threads;
    if (thread === B.BOSS) continue;
    const choice = own(options, thread);
    if (choice >= 0) return choice;
  }
  if (boss >= 0) return boss;
  let choice = choiceOf(0, B.TICK); // all sleep: time passes
  while (!has(options, choice)) choice += B.KINDS;
  return choice;
}

/** What it costs to choose otherwise: 1 for an interruption or something from outside, 0 where the current thread cannot go on anyway. */
export function costOf(choice: number, options: number, current: number): number {
  if (!OWN.includes(kindOf(choice))) return 1;
  return threadOf(choice) !== current && own(options, current) >= 0 ? 1 : 0;
}

function atRandom(board: B.Board, options: number): number {
  const current = board.get(B.CURRENT);
  const roll = () => nextRandom(board.words, B.RANDOM);
  const onward = own(options, current);
  if (onward >= 0 && roll() * 1000 < board.get(B.STICK)) {
    const busy = choiceOf(current, B.BUSY_STEP);
    return has(options, busy) && roll() * 1000 < board.get(B.BUSY_SHARE) ? busy : onward;
  }
  const list: number[] = [];
  for (let choice = 0; choice < B.MAX_THREADS * B.KINDS; choice++) {
    if (!has(options, choice)) continue;
    const kind = kindOf(choice);
    const share = OWN.includes(kind) ? 1 : kind === B.BUSY_STEP ? board.get(B.BUSY_SHARE) / 1000 : 0.15;
    if (share === 1 || roll() < share) list.push(choice);
  }
  if (list.length === 0) return stay(options, current, board.get(B.THREAD_COUNT), board.get(B.BOSS_RANK));
  return list[Math.floor(roll() * list.length)]!;
}

/** The next choice; -1 if the given one cannot happen: the run does not repeat. */
export function choose(board: B.Board, options: number): number {
  const decision = board.get(B.DECISIONS);
  if (decision < board.get(B.FORCED)) {
    const forced = board.forced(decision);
    return has(options, forced) ? forced : -1;
  }
  if (board.get(B.MODE) === B.AT_RANDOM) return atRandom(board, options);
  return stay(options, board.get(B.CURRENT), board.get(B.THREAD_COUNT), board.get(B.BOSS_RANK));
}
