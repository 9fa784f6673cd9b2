// What an operation comes to on a plain channel: its moves, with what each must have given for the operation to give what it gave.

import type { OracleCase, OracleOutcome } from "../support/channel-oracle.ts";
import { BOSS_CANCELS, BOSS_CLOSES, BOSS_TASK } from "./boss-task.ts";
import { type SyncMove, syncMoves } from "./moves-sync.ts";
import { type ChannelOperation, cancel, close, type Operation, type Program, tasksOf, tryRecv } from "./program.ts";
import { closeSync, isSync } from "./program-sync.ts";
import * as R from "./results.ts";

export type Move = ChannelMove | SyncMove;
export const isSyncMove = (move: Move): move is SyncMove => "step" in move;

export interface ChannelMove {
  readonly cases: readonly OracleCase[];
  readonly close?: { readonly channel: number };
  /** It never waits. */
  readonly isTry: boolean;
  /**
   * "none": it would have had to wait · "given up": ended by timeout or signal, as if it had never been · "any": nobody knows, its thread died or was
   * retired before it could say.
   */
  readonly expect:
    | OracleOutcome["what"]
    | { readonly what: OracleOutcome["what"]; readonly index?: number; readonly from?: number }
    | "none"
    | "given up"
    | "any"
    | "never";
}

export function operationOf(program: Program, task: number, index: number): Operation {
  if (task === BOSS_TASK && index >= BOSS_CLOSES) return closeSync(index - BOSS_CLOSES);
  if (task === BOSS_TASK && index >= BOSS_CANCELS) return cancel(index - BOSS_CANCELS);
  if (task === BOSS_TASK) return index % 2 === 0 ? close(index >> 1) : tryRecv(index >> 1);
  return tasksOf(program)[task]!.operations[index]!;
}

const known = (code: number): ChannelMove["expect"] =>
  code === R.OK
    ? "sent"
    : code === R.END
      ? "end"
      : code === R.REFUSED
        ? "refused"
        : code === R.NONE
          ? "none"
          : code === R.GIVEN_UP
            ? "given up"
            : code === R.RETIRED
              ? "any"
              : "never";

/**
 * A context is one more channel that nobody sends to: cancelling closes it, and a wait within it is a select that also receives from it and those above.
 * They follow the program's channels.
 */
export function movesOf(program: Program, operation: Operation, result: readonly number[] | undefined): Move[] {
  if (isSync(operation)) return syncMoves(program, operation, result);
  const moves = plainMoves(program, operation, result);
  if (!("door" in operation) || operation.ctx === undefined) return moves;
  const ends: OracleCase[] = [];
  for (let ctx: number | undefined = operation.ctx; ctx !== undefined; ctx = program.contexts![ctx]!.parent)
    ends.push({ channel: program.channels.length + ctx });
  return moves.map((move) => {
    const own = move.cases.length;
    const expect: ChannelMove["expect"] =
      move.expect === "given up" ? { what: "end", from: own } : move.expect === "end" ? { what: "end", index: 0 } : move.expect;
    return { ...move, cases: [...move.cases, ...ends], expect };
  });
}

function plainMoves(program: Program, operation: ChannelOperation, result: readonly number[] | undefined): ChannelMove[] {
  const [code, ...values] = result ?? [R.RETIRED];
  const one = (cases: readonly OracleCase[], expect: ChannelMove["expect"], isTry = false): ChannelMove => ({ cases, isTry, expect });
  switch (operation.do) {
    case "cancel":
      return [{ cases: [], close: { channel: program.channels.length + operation.ctx }, isTry: true, expect: "any" }];
    case "close":
      return [{ cases: [], close: operation, isTry: true, expect: known(code!) }];
    case "send":
    case "trySend":
      return [one([{ channel: operation.channel, send: operation.value }], known(code!), operation.do === "trySend")];
    case "recv":
    case "tryRecv":
      return [one([{ channel: operation.channel }], code === R.VALUE ? values[0]! : known(code!), operation.do === "tryRecv")];
    case "select":
    case "trySelect": {
      const isTry = operation.do === "trySelect";
      if (code !== R.CHOSEN) return [one(operation.cases, code === R.REFUSED_CASE ? "refused" : known(code!), isTry)];
      const [index, what, value] = values as [number, number, number];
      return [one(operation.cases, { index, what: (what === R.VALUE ? value : known(what)) as OracleOutcome["what"] }, isTry)];
    }
    case "sendMany": {
      const sent = code === R.SENT ? values[0]! : code === R.OK ? operation.values.length : 0;
      const cases = operation.values.map((value) => [{ channel: operation.channel, send: value }]);
      const moves = cases.slice(0, sent).map((each) => one(each, "sent"));
      if (code === R.OK) return moves;
      // Of the dead: any number of them may have been accepted, in their order.
      if (code === R.RETIRED) return cases.map((each) => one(each, "any"));
      const last = known(values[1]!);
      return [...moves, ...cases.slice(sent, last === "any" ? undefined : sent + 1).map((each) => one(each, last))];
    }
    case "recvMany": {
      const each = (expect: ChannelMove["expect"]) => one([{ channel: operation.channel }], expect);
      if (code === R.VALUES) return values.map(each);
      if (code === R.RETIRED) return Array.from({ length: operation.max }, () => each("any"));
      return [each(known(code!))];
    }
  }
}
