// Writes flat code out as JavaScript functions: one that runs a whole call at once (coarse), and one that runs from one atomic operation to just
// before the next (fine), keeping the live variables among the thread's words in between.

import type { WasmFunction } from "../scripts/wasm-decode.js";
import type { Atomic, Flat } from "./flatten.ts";
import type { World } from "./world.ts";

/** Runs a whole call. */
export type Coarse = (a0: number, a1: number, a2: number, a3: number, a4: number, a5: number) => number;
/**
 * Runs from block `pc` (0: the start, with the arguments) to just before the next atomic operation: answers its block. DONE: the call has
 * returned, and its result lies in `result`.
 */
export type Fine = (pc: number, base: number, a0: number, a1: number, a2: number, a3: number, a4: number, a5: number) => number;
export const DONE = -1;

export interface Compiled {
  coarse: Coarse;
  fine: Fine;
  /** Address of the atomic operation a suspended call stands before: positive if it only loads, else negated. */
  ahead: (pc: number, base: number) => number;
}

interface BasicBlock {
  code: Flat[];
  atomic: Atomic | undefined;
  /** Variables whose value is needed at its start. */
  live: string[];
}

/** Splits at labels, after jumps, and before atomic operations. Block 0 is empty, so that a call can stand before its first atomic operation. */
function blocksOf(flat: readonly Flat[]): { blocks: BasicBlock[]; at: Map<number, number> } {
  const blocks: BasicBlock[] = [{ code: [], atomic: undefined, live: [] }];
  const at = new Map<number, number>();
  let current: BasicBlock = { code: [], atomic: undefined, live: [] };
  blocks.push(current);
  const open = () => {
    if (current.code.length === 0 && current.atomic === undefined) return;
    current = { code: [], atomic: undefined, live: [] };
    blocks.push(current);
  };
  for (const op of flat) {
    if (op.kind === "label") {
      open();
      at.set(op.id, blocks.length - 1);
      continue;
    }
    if (op.kind === "do" && op.atomic !== undefined) {
      open();
      current.atomic = op.atomic;
    }
    current.code.push(op);
    if (op.kind !== "do") open();
  }
  return { blocks, at };
}

function findLive(blocks: BasicBlock[], at: Map<number, number>): void {
  for (let i = blocks.length - 1; i >= 0; i--) {
    const code = blocks[i]!.code;
    const last = code.at(-1);
    const live = new Set<string>(last?.kind === "jump" || last?.kind === "return" ? [] : (blocks[i + 1]?.live ?? []));
    for (let k = code.length - 1; k >= 0; k--) {
      const op = code[k]!;
      if (op.kind === "return") live.add(op.value);
      else if (op.kind === "jump") for (const name of blocks[at.get(op.to)!]!.live) live.add(name);
      else if (op.kind === "branch") {
        for (const name of blocks[at.get(op.to)!]!.live) live.add(name);
        for (const name of op.reads) live.add(name);
      } else if (op.kind === "do") {
        for (const name of op.writes) live.delete(name);
        for (const name of op.reads) live.add(name);
      }
    }
    blocks[i]!.live = [...live].sort();
  }
}

const wordsOf = (name: string) => (name.endsWith("i") ? 1 : 2);

function saved(live: readonly string[]): { saves: string; restores: string; words: number } {
  let word = 0;
  let saves = "";
  let restores = "";
  for (const name of live) {
    const kind = name.at(-1);
    const index = `base + ${word}`;
    saves += kind === "i" ? `W.set(${index}, ${name});` : `W.set${kind === "d" ? "F64" : "I64"}(${index}, ${name});`;
    restores += kind === "i" ? `${name} = W.m[${index}];` : `${name} = W.get${kind === "d" ? "F64" : "I64"}(${index});`;
    word += wordsOf(name);
  }
  return { saves, restores, words: word };
}

/** The most words a suspended call keeps; the thread's frame has that much room. */
export const FRAME_WORDS = 40;

export function compile(fn: WasmFunction, flat: readonly Flat[], world: World): Compiled {
  const { blocks, at } = blocksOf(flat);
  findLive(blocks, at);
  const names = new Set<string>();
  for (const { code } of blocks) {
    for (const op of code)
      if (op.kind === "do" || op.kind === "branch") for (const name of [...op.reads, ...("writes" in op ? op.writes : [])]) names.add(name);
    for (const op of code) if (op.kind === "return") names.add(op.value);
  }
  for (const name of blocks[0]!.live) {
    // A global (an out-parameter of an inlined function) starts as 0 here: a call that used what an earlier call left would trap as null.
    if (!/^[lg]\d/.test(name)) throw new Error(`${fn.name}: ${name} is read before it is written`);
  }
  const zero = (name: string) => (name.endsWith("l") ? "0n" : "0");
  const parameters = fn.params
    .map((type, i) => ({ name: `l${i}${type === "f64" ? "d" : "i"}`, from: `a${i}` }))
    .filter(({ name }) => names.has(name));
  const start = [...names].map((name) => `let ${name} = ${parameters.find((p) => p.name === name)?.from ?? zero(name)};`).join("");

  const write = (fine: boolean): string => {
    const states = blocks.map(({ live }) => saved(live));
    const most = Math.max(...states.map(({ words }) => words));
    if (most > FRAME_WORDS) throw new Error(`${fn.name}: a suspended call needs ${most} words`);
    /** Leaves for another block: stops there if its first operation is atomic. */
    const leaveFor = (to: number, fallsThrough: boolean) => {
      if (fine && blocks[to]!.atomic) return `${states[to]!.saves} clear(base, ${states[to]!.words}, kept); return ${to};`;
      return fallsThrough ? "" : `pc = ${to}; continue;`;
    };
    let js = "";
    blocks.forEach(({ code, atomic }, i) => {
      js += `case ${i}:`;
      if (fine && atomic) js += `${states[i]!.restores} kept = ${states[i]!.words};`;
      for (const op of code) {
        if (op.kind === "do") js += op.js;
        else if (op.kind === "jump") js += leaveFor(at.get(op.to)!, false);
        else if (op.kind === "branch") js += `if (${op.when}) { ${leaveFor(at.get(op.to)!, false)} }`;
        else if (op.kind === "return") js += fine ? `W.result = ${op.value}; clear(base, 0, kept); return ${DONE};` : `return ${op.value};`;
      }
      const last = code.at(-1)?.kind;
      if (i + 1 < blocks.length && last !== "jump" && last !== "return") js += leaveFor(i + 1, true);
      js += "\n";
    });
    return `${start} let kept = 0; for (;;) switch (pc) {${js}}`;
  };
  const writeAhead = (): string => {
    let js = "";
    blocks.forEach(({ atomic, live }, i) => {
      if (atomic === undefined) return;
      js += `case ${i}: ${saved(live).restores} return ${atomic.isLoad ? "" : "-"}(${atomic.address});`;
    });
    return `${start.replace(/= a\d;/g, "= 0;")} switch (pc) {${js}} return 0;`;
  };
  const clear = (base: number, from: number, to: number) => {
    for (let word = from; word < to; word++) world.set(base + word, 0);
  };
  const make = new Function(
    "W",
    "clear",
    `"use strict"; return {
      coarse(a0, a1, a2, a3, a4, a5) { let pc = 0; ${write(false)} },
      fine(pc, base, a0, a1, a2, a3, a4, a5) { ${write(true)} },
      ahead(pc, base) { ${writeAhead()} },
    };`,
  );
  return make(world, clear) as Compiled;
}
