// select: waits for several cases at once; exactly one of them happens. Three passes, as in Go's runtime/select.go:
//
//   1  try every case in random order; the first that is ready is it
//   2  link every case, each in the call that finds it not ready; from the second on the operation is visible to peers, so the call first claims
//      the operation itself (chanOp, VISIBLE): it cannot be completed twice, even by two selects that face each other
//   3  once it is decided, unlink the others
//
// A select of receives and timers makes nothing for its first pass; one that sends prepares its values first (selection.ts).

import { random } from "../clock.ts";
import { deadlineOf } from "../deadline.ts";
import { invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import { type HasCase, type HasCases, LOOKS_READY, NOT_READY, TRY } from "../operation/operation.ts";
import { type Alarm, waitAsync, waitSync } from "../operation/wait.ts";
import type { Timer } from "../timers.ts";
import { type SelectCase, type SelectCases, Selection, type SelectOptions } from "./selection.ts";

export type { SelectCase, SelectCases, SelectOptions };

type ValueOf<C> = C extends HasCase<infer T> ? T : C extends HasCases<infer T> ? T : C extends Timer ? number : never;

/** What select answers: the key of the case, and its value (undefined for a send, CLOSED for the end of a channel). */
export type Selected<C> = C extends readonly SelectCase[]
  ? { readonly case: number; readonly value: ValueOf<C[number]> }
  : { [K in keyof C & string]: { readonly case: K; readonly value: ValueOf<C[K]> } }[keyof C & string];

/**
 * Waits until one of the cases can happen and makes exactly that one happen.
 * Waits: this promise. Ends with a case, signal or timeout. With no case that could ever happen it waits until those.
 * Threads: any; the channels must be of one runtime. Order: see SelectOptions; a channel named twice counts twice, as in Go.
 * Throws (rejects): ChannelClosedError when the case is a send on a closed channel, AbortError, TimeoutError, ERR_INVALID_ARG, ERR_FOREIGN_HANDLE.
 * Cost: linear in the cases. When one is ready a transition each until it is found, and for receives nothing is made but the answer; else three each. See: Go spec, "Select statements".
 */
export async function select<const C extends SelectCases>(cases: C, options?: SelectOptions): Promise<Selected<C>> {
  if (options !== undefined) deadlineOf("select", options);
  const now = tryReceives(cases, options?.order);
  if (isChosen(now)) return now as Selected<C>;
  const selection = new Selection(cases, options?.order, now === NOT_READY);
  const { thread } = selection;
  if (!thread) return selection.onlyTimers(options) as Promise<Selected<C>>;
  const done = (status: number, op: Op) => selection.finish(status, op) as Selected<C>;
  return waitAsync(
    selection.operation(thread, options?.isBackground),
    selection.primary(thread),
    options,
    done,
    selection.alarm() as Alarm<Selected<C>>,
  );
}

/** The same, blocking this thread. Throws also ERR_WOULD_BLOCK_SUPERVISOR and ERR_WOULD_DEADLOCK, if it would have to wait there. */
export function selectSync<const C extends SelectCases>(cases: C, options?: SelectOptions): Selected<C> {
  if (options !== undefined) deadlineOf("selectSync", options);
  const now = tryReceives(cases, options?.order);
  return isChosen(now) ? (now as Selected<C>) : waitPrepared(cases, options, now === NOT_READY);
}

function waitPrepared<C extends SelectCases>(cases: C, options: SelectOptions | undefined, isTried: boolean): Selected<C> {
  const selection = new Selection(cases, options?.order, isTried);
  const { thread } = selection;
  if (!thread) throw invalidArg("selectSync: cases", "at least one channel", cases);
  const done = (status: number, op: Op) => selection.finish(status, op) as Selected<C>;
  return waitSync(selection.operation(thread), selection.primary(thread), options, done, selection.alarm() as Alarm<Selected<C>>);
}

/** The case that is ready now, or undefined: select with a default. Waits: never. */
export function trySelect<const C extends SelectCases>(cases: C, options?: Pick<SelectOptions, "order">): Selected<C> | undefined {
  const now = tryReceives(cases, options?.order);
  if (isChosen(now)) return now as Selected<C>;
  return now === NOT_READY ? undefined : tryPrepared(cases, options?.order);
}

/** Apart from trySelect, and waitPrepared from selectSync, so that the engine finds these small enough to build into their callers. */
function tryPrepared<C extends SelectCases>(cases: C, order: SelectOptions["order"]): Selected<C> | undefined {
  const selection = new Selection(cases, order);
  const { thread } = selection;
  if (!thread) return selection.takeDue() as Selected<C> | undefined;
  const op = selection.primary(thread);
  try {
    const status = selection.start(op, 0);
    if (status !== L.BLOCK) return selection.finish(status, op) as Selected<C>;
    selection.withdraw();
    return undefined;
  } finally {
    thread.ops.release(op);
  }
}

type Chosen = { readonly case: string | number; readonly value: unknown };

/** Some case is not a receive or a timer: it must be prepared before it can be tried. */
const UNTRIED: unique symbol = Symbol("heddle.untried");

function isChosen(answer: Chosen | symbol): answer is Chosen {
  return typeof answer === "object";
}

/** What the first pass needs of a case; timers have no ring. */
type Tryable = { readonly ring?: { readonly thread: Thread }; readonly [LOOKS_READY]?: boolean; [TRY]?(): unknown } | undefined | null;

/** Pass 1 without preparation: what happened, NOT_READY, or UNTRIED. Runs no code of the user. */
function tryReceives(cases: SelectCases, order: SelectOptions["order"] = "random"): Chosen | typeof NOT_READY | typeof UNTRIED {
  if (typeof cases !== "object" || cases === null || (order !== "random" && order !== "priority")) return UNTRIED; // refused by Selection
  if (Array.isArray(cases)) return tryEach(cases, undefined, order);
  const keys = Object.keys(cases);
  const list = keys.map((key) => (cases as Readonly<Record<string, Tryable>>)[key]);
  return tryEach(list, keys, order);
}

/** First one of those that look ready, which is nearly always it; then each of them. */
function tryEach(
  list: readonly Tryable[],
  keys: readonly string[] | undefined,
  order: SelectOptions["order"],
): Chosen | typeof NOT_READY | typeof UNTRIED {
  const guess = guessOf(list, order);
  if (guess === NO_RECEIVES) return UNTRIED;
  if (guess !== NO_GUESS) {
    const value = list[guess]![TRY]!();
    if (value !== NOT_READY) return { case: keys ? keys[guess]! : guess, value };
  }
  const count = list.length;
  const picks = order === "random" ? inOrder(count) : undefined;
  for (let i = 0; i < count; i++) {
    const at = picks ? draw(picks, i, count) : i;
    const one = list[at];
    if (one === undefined || one === null) continue; // a disabled case
    const value = one[TRY]!();
    if (value !== NOT_READY) return { case: keys ? keys[at]! : at, value };
  }
  return NOT_READY;
}

const NO_GUESS = -1;
const NO_RECEIVES = -2;

/**
 * Where a case stands that looks ready: each of those as likely, or the first of them. Nothing is drawn where there is no choice.
 * NO_RECEIVES unless all are receives of one runtime, with timers among them.
 */
function guessOf(list: readonly Tryable[], order: SelectOptions["order"]): number {
  let thread: Thread | undefined;
  let guess = NO_GUESS;
  let ready = 0;
  for (let i = 0; i < list.length; i++) {
    const one = list[i];
    if (one === undefined || one === null) continue;
    if (one[TRY] === undefined) return NO_RECEIVES;
    const of = one.ring?.thread;
    if (of !== thread && of !== undefined) {
      if (thread !== undefined) return NO_RECEIVES;
      thread = of;
    }
    if (!one[LOOKS_READY]) continue;
    if (++ready === 1) guess = i;
    else if (order === "random" && random() * ready < 1) guess = i;
  }
  return thread === undefined ? NO_RECEIVES : guess;
}

const scratch = new Uint16Array(1_024);

/** 0, 1 … count − 1; the same memory each time, for nothing runs between two uses. */
function inOrder(count: number): Uint16Array | number[] {
  if (count > scratch.length) return Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < count; i++) scratch[i] = i;
  return scratch;
}

/** The next of a random order, made as it is needed. */
function draw(picks: Uint16Array | number[], i: number, count: number): number {
  const left = count - i;
  if (left === 1) return picks[i]!;
  const j = i + ((random() * left) | 0);
  const picked = picks[j]!;
  picks[j] = picks[i]!;
  picks[i] = picked;
  return picked;
}
