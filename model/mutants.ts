// Mutants of the shipped code: one for every way to spoil a store, an atomic operation, a branch or a notify.

import { type Mutant, shipped } from "./interpreter.ts";

export interface NamedMutant extends Mutant {
  /** trySend:23 drop i32.store +20: the function, the index of the instruction in it, the change, the instruction. */
  name: string;
  op: string;
}

type Change = Mutant["change"];

function changesOf(op: string): Change[] {
  if (op.includes("cmpxchg")) return ["always", "nostore", "split"];
  if (op.includes(".rmw")) return ["drop"];
  if (op === "memory.atomic.notify" || op === "memory.fill" || op === "memory.copy") return ["drop"];
  if (op.includes("store")) return ["drop", "wrong"];
  if (op === "if" || op === "br_if") return ["invert", "never"];
  return [];
}

export function allMutants(): NamedMutant[] {
  return shipped.functions.flatMap(({ name: fn, code }) =>
    code.flatMap(({ op, offset }, index) =>
      changesOf(op).map((change) => ({
        fn,
        index,
        change,
        op,
        name: `${fn}:${index} ${change} ${op}${offset === undefined ? "" : ` +${offset}`}`,
      })),
    ),
  );
}
