// What an operation on a sync primitive comes to on a plain one: its moves, with what each must have given for the operation to give what it gave.

import { ALL, type Ask, type SyncOutcome } from "../support/sync-oracle.ts";
import type { Program } from "./program.ts";
import { type SyncOperation, sharesOf } from "./program-sync.ts";
import * as R from "./results.ts";

export type SyncExpect = readonly (SyncOutcome | "given up" | "deadlock" | number)[] | "any" | "never";

interface Step {
  readonly sync: number;
  /** "any": nobody knows whether it came to this, its thread died or was retired before it could say. */
  readonly expect: SyncExpect;
}

export type SyncMove =
  /** Waits until it has what it asks for. */
  | (Step & { readonly step: "ask"; readonly ask: Ask; readonly ends: readonly number[]; readonly mayEnd: boolean })
  /** Stands in the queue of a condition from here on; refused, it does nothing else. */
  | (Step & { readonly step: "join"; readonly mayEnd: boolean; readonly ends: readonly number[] })
  /** Waits until the condition has let it go. */
  | (Step & { readonly step: "collect"; readonly mayEnd: boolean; readonly ends: readonly number[] })
  | (Step & { readonly step: "give" })
  /** Has the lock again, or not: the signal is used up, or goes to the next. */
  | (Step & { readonly step: "end"; readonly isUsedUp: boolean })
  /** Whoever can be served has been. */
  | (Step & { readonly step: "go on" })
  | (Step & { readonly step: "add"; readonly n: number })
  | (Step & { readonly step: "signal"; readonly all: boolean })
  | (Step & { readonly step: "change"; readonly operation: Extract<SyncOperation, { do: "change" }> })
  | (Step & { readonly step: "close" });

const OUTCOMES: Readonly<Record<number, SyncExpect>> = {
  [R.OK]: ["ok"],
  [R.NONE]: ["none"],
  // Whoever was refused looks why: it may have been closed only since.
  [R.REFUSED]: ["closed", "abandoned"],
  [R.DONE]: ["closed"],
  [R.ABANDONED]: ["abandoned"],
  [R.DEADLOCK]: ["deadlock"],
  [R.GIVEN_UP]: ["given up"],
  [R.RETIRED]: "any",
};
const outcomeOf = (code: number): SyncExpect => OUTCOMES[code] ?? "never";

/** Channels of contexts whose cancellation ends a wait. */
function endsOf(program: Program, operation: SyncOperation): number[] {
  const ends: number[] = [];
  if (!("door" in operation) || operation.ctx === undefined) return ends;
  for (let ctx: number | undefined = operation.ctx; ctx !== undefined; ctx = program.contexts![ctx]!.parent)
    ends.push(program.channels.length + ctx);
  return ends;
}

export function syncMoves(program: Program, operation: SyncOperation, result: readonly number[] | undefined): SyncMove[] {
  const [code = R.RETIRED, value = 0] = result ?? [];
  const { sync } = operation;
  const expect = outcomeOf(code);
  const ends = endsOf(program, operation);
  const mayEnd = "door" in operation && (operation.ends !== undefined || ends.length > 0);
  const isUnknown = expect === "any";
  const goOn = (at = sync): SyncMove => ({ sync: at, step: "go on", expect: isUnknown ? "any" : ["ok"] });
  const ask = (shares: number, more: Partial<Ask> = {}, expected = expect): SyncMove => ({
    sync,
    step: "ask",
    ask: { shares, ...more },
    ends,
    mayEnd,
    expect: expected,
  });
  const isRw = program.syncs![sync]!.kind === "rwMutex";
  switch (operation.do) {
    case "take": {
      const { as, recovers } = operation;
      return [ask(sharesOf(as, isRw), { isKept: true, recovers }), ...(mayEnd && code !== R.OK ? [goOn()] : [])];
    }
    case "tryTake":
      return [ask(sharesOf(operation.as, isRw), { isKept: true, isTry: true })];
    case "await":
      return [ask(ALL), ...(mayEnd && code !== R.OK ? [goOn()] : [])];
    case "meet":
      if (code === R.VALUE) return value === 1 ? [ask(0, {}, ["last"]), goOn()] : [ask(0, {}, ["ok"])];
      return [ask(0), goOn()];
    case "give":
      return [{ sync, step: "give", expect }, goOn()];
    case "add":
      return [{ sync, step: "add", n: operation.n, expect }, ...(code === R.NONE ? [] : [goOn()])];
    case "signal":
      return [{ sync, step: "signal", all: operation.all, expect }, goOn()];
    case "closeSync":
      return [{ sync, step: "close", expect: code === R.REFUSED ? ["closed"] : expect }, goOn()];
    case "change":
      return [{ sync, step: "change", operation, expect: code === R.VALUE ? [value] : expect }];
    case "once": {
      const mine = ask(1, { isKept: true, recovers: true });
      if (code !== R.OK && !isUnknown) return [mine, ...(mayEnd ? [goOn()] : [])];
      return [mine, { sync, step: "close", expect: isUnknown ? "any" : ["ok", "closed"] }, goOn(), { sync, step: "give", expect }, goOn()];
    }
    case "waitAt":
      return atCondition(program, operation, result, ends, mayEnd);
  }
}

/** Joins the queue, gives the lock back, is signalled, has the lock again: four instants. */
function atCondition(
  program: Program,
  { sync, lock, as }: Extract<SyncOperation, { do: "waitAt" }>,
  result: readonly number[] | undefined,
  ends: readonly number[],
  mayEnd: boolean,
): SyncMove[] {
  const [code = R.RETIRED, isHeld = 0] = result ?? [];
  const isUnknown = code === R.RETIRED;
  const known = (expect: SyncExpect): SyncExpect => (isUnknown ? "any" : expect);
  const shares = sharesOf(as, program.syncs![lock]!.kind === "rwMutex");
  const signalled: SyncExpect = isHeld === 1 ? outcomeOf(code) : ["ok", "closed", "abandoned", ...(mayEnd ? ["given up" as const] : [])];
  return [
    { sync, step: "join", ends, mayEnd, expect: known(["ok"]) },
    { sync: lock, step: "give", expect: known(["ok"]) },
    { sync: lock, step: "go on", expect: known(["ok"]) },
    { sync, step: "collect", ends, mayEnd, expect: known(signalled) },
    {
      sync: lock,
      step: "ask",
      ask: { shares, isKept: true },
      ends: [],
      mayEnd: false,
      expect: known(isHeld === 1 ? ["ok"] : outcomeOf(code)),
    },
    { sync, step: "end", isUsedUp: isHeld === 1, expect: known(["ok"]) },
    { sync, step: "go on", expect: known(["ok"]) },
  ];
}
