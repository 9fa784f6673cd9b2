// Turns the structured stack code of one wasm function into flat steps over named variables, ready to be written out as JavaScript. Without loops
// every jump goes forward. A mutant changes one instruction on the way.
//
// Names  l3i: local 3, s2i: stack position 2, g0i: global 0; the last letter is the type (i: i32, l: i64 as bigint, d: f64).

import type { Instruction, WasmFunction } from "../scripts/wasm-decode.js";
import * as L from "../src/runtime/memory/layout.ts";

export type Flat =
  | { kind: "do"; js: string; reads: string[]; writes: string[]; atomic: Atomic | undefined }
  | { kind: "jump"; to: number }
  | { kind: "branch"; when: string; reads: string[]; to: number }
  | { kind: "return"; value: string }
  | { kind: "label"; id: number };

/** An interleaving point: where it goes (JavaScript of the address), and whether it only reads. */
export interface Atomic {
  address: string;
  isLoad: boolean;
}

/** One changed instruction: its index in the function's code, and how it is changed. */
export interface Mutation {
  index: number;
  change: "drop" | "wrong" | "always" | "nostore" | "split" | "invert" | "never";
}

const LETTER: Record<string, string> = { i32: "i", i64: "l", f64: "d" };

const BINARY: Record<string, string> = {
  "i32.add": "(a + b) | 0",
  "i32.sub": "(a - b) | 0",
  "i32.mul": "Math.imul(a, b)",
  "i32.and": "a & b",
  "i32.or": "a | b",
  "i32.xor": "a ^ b",
  "i32.shl": "a << b",
  "i32.shr_u": "(a >>> b) | 0",
  "i32.shr_s": "a >> b",
  "i32.eq": "a === b ? 1 : 0",
  "i32.ne": "a !== b ? 1 : 0",
  "i32.lt_s": "a < b ? 1 : 0",
  "i32.le_s": "a <= b ? 1 : 0",
  "i32.gt_s": "a > b ? 1 : 0",
  "i32.ge_s": "a >= b ? 1 : 0",
  "i32.lt_u": "a >>> 0 < b >>> 0 ? 1 : 0",
  "i32.le_u": "a >>> 0 <= b >>> 0 ? 1 : 0",
  "i32.gt_u": "a >>> 0 > b >>> 0 ? 1 : 0",
  "i32.ge_u": "a >>> 0 >= b >>> 0 ? 1 : 0",
  "f64.add": "a + b",
  "f64.sub": "a - b",
  "f64.mul": "a * b",
  "f64.div": "a / b",
  "f64.min": "Math.min(a, b)",
  "f64.max": "Math.max(a, b)",
  "f64.lt": "a < b ? 1 : 0",
  "f64.le": "a <= b ? 1 : 0",
  "f64.gt": "a > b ? 1 : 0",
  "f64.ge": "a >= b ? 1 : 0",
  "f64.eq": "a === b ? 1 : 0",
  "f64.ne": "a !== b ? 1 : 0",
  "i64.add": "BigInt.asIntN(64, a + b)",
  "i64.sub": "BigInt.asIntN(64, a - b)",
  "i64.and": "a & b",
  "i64.or": "a | b",
  "i64.gt_u": "BigInt.asUintN(64, a) > BigInt.asUintN(64, b) ? 1 : 0",
  "i64.lt_u": "BigInt.asUintN(64, a) < BigInt.asUintN(64, b) ? 1 : 0",
  "i64.le_u": "BigInt.asUintN(64, a) <= BigInt.asUintN(64, b) ? 1 : 0",
  "i64.ge_u": "BigInt.asUintN(64, a) >= BigInt.asUintN(64, b) ? 1 : 0",
};
const UNARY: Record<string, [js: string, type: string]> = {
  "i32.eqz": ["a === 0 ? 1 : 0", "i32"],
  "i32.clz": ["Math.clz32(a)", "i32"],
  "i32.ctz": ["a === 0 ? 32 : 31 - Math.clz32(a & -a)", "i32"],
  "i64.extend_i32_u": ["BigInt(a >>> 0)", "i64"],
  "i64.extend_i32_s": ["BigInt(a)", "i64"],
  "i32.wrap_i64": ["Number(BigInt.asIntN(32, a))", "i32"],
};

/**
 * Plain stores to words that others read without their lock, by design (races.ts names them): they are interleaving points too, so that a reader sees
 * the word before and after. Offset of the field, and the functions in which a store at that offset is one to it.
 */
const READ_UNLOCKED: readonly (readonly [offset: number, functions: readonly string[]])[] = [
  [L.NODE_CHANNEL, ["chanOp", "close", "unlink"]],
  [L.NODE_SYNC, ["syncAcquire", "syncRelease", "syncServe", "syncAdd", "syncSignal", "syncClose"]],
  [L.SYNC_GEN, ["syncFree"]],
  [L.TASK_QUEUE, ["taskGo"]],
  [L.SLOT_IDLE_QUEUE, ["taskTake", "taskGo", "taskKick", "sweepSlot"]],
];

interface Block {
  isIf: boolean;
  /** Where a branch to it goes, and where an if's other side begins. */
  end: number;
  otherwise: number;
  hasElse: boolean;
  height: number;
  result: string | undefined;
}

export function flatten(fn: WasmFunction, globals: readonly { type: string }[], mutation?: Mutation): Flat[] {
  const out: Flat[] = [];
  const stack: string[] = []; // types
  let labels = 0;
  const end = labels++;
  const blocks: Block[] = [{ isIf: false, end, otherwise: -1, hasElse: false, height: 0, result: fn.results[0] }];
  let dead = false;

  const top = (depth = 0) => `s${stack.length - 1 - depth}${LETTER[stack[stack.length - 1 - depth]!]}`;
  const pop = () => {
    const name = top();
    stack.pop();
    return name;
  };
  const emit = (js: string, reads: string[], writes: string[], atomic?: Atomic) =>
    out.push({ kind: "do", js, reads, writes, atomic: atomic ?? undefined });
  /** Pushes the value of an expression in the given operands. */
  const push = (type: string, expression: string, reads: string[], atomic?: Atomic) => {
    stack.push(type);
    emit(`${top()} = ${expression};`, reads, [top()], atomic);
  };
  const jumpTo = (depth: number) => {
    const block = blocks[blocks.length - 1 - depth]!;
    if (block.result !== undefined) {
      const to = `s${block.height}${LETTER[block.result]}`;
      if (to !== top()) emit(`${to} = ${top()};`, [top()], [to]);
    }
    out.push({ kind: "jump", to: block.end });
  };

  fn.code.forEach((instruction, index) => {
    const change = mutation?.index === index ? mutation.change : undefined;
    const { op } = instruction;
    if (op === "block" || op === "if") {
      const block: Block = { isIf: op === "if", end: labels++, otherwise: labels++, hasElse: false, height: 0, result: instruction.result };
      if (op === "if" && !dead) {
        const condition = pop();
        out.push({ kind: "branch", when: conditionOf(change, condition, true), reads: [condition], to: block.otherwise });
      }
      block.height = stack.length;
      blocks.push({ ...block, isIf: block.isIf && !dead });
      return;
    }
    const block = blocks[blocks.length - 1]!;
    if (op === "else") {
      if (!dead) jumpTo(0);
      stack.length = block.height;
      out.push({ kind: "label", id: block.otherwise });
      block.hasElse = true;
      dead = !block.isIf;
      return;
    }
    if (op === "end") {
      if (blocks.length > 1 || !dead) {
        if (!dead && block.result !== undefined) {
          const to = `s${block.height}${LETTER[block.result]}`;
          if (to !== top()) emit(`${to} = ${top()};`, [top()], [to]);
        }
      }
      stack.length = block.height;
      if (block.result !== undefined) stack.push(block.result);
      if (block.isIf && !block.hasElse) out.push({ kind: "label", id: block.otherwise });
      out.push({ kind: "label", id: block.end });
      dead = false;
      blocks.pop();
      if (blocks.length === 0) out.push({ kind: "return", value: `s0${LETTER[fn.results[0]!]}` });
      return;
    }
    if (dead) return;
    if (op === "br" || op === "return") {
      if (op === "return") {
        const value = pop();
        out.push({ kind: "return", value });
      } else jumpTo(instruction.index!);
      dead = true;
    } else if (op === "br_if") {
      const condition = pop();
      const target = blocks[blocks.length - 1 - instruction.index!]!;
      if (target.result === undefined) {
        out.push({ kind: "branch", when: conditionOf(change, condition, false), reads: [condition], to: target.end });
      } else {
        const skip = labels++;
        out.push({ kind: "branch", when: `!(${conditionOf(change, condition, false)})`, reads: [condition], to: skip });
        jumpTo(instruction.index!);
        out.push({ kind: "label", id: skip });
      }
    } else simple(instruction, change);
  });
  return out;

  function simple({ op, index, value, offset }: Instruction, change: Mutation["change"] | undefined): void {
    const address = (name: string) => `(${name} >>> 0) + ${offset}`;
    if (op === "nop") return;
    if (op === "drop") {
      pop();
    } else if (op.endsWith(".const")) {
      push(op.slice(0, 3), typeof value === "bigint" ? `${value}n` : String(value), []);
    } else if (op === "local.get") {
      const name = `l${index}${LETTER[fn.locals[index!]!]}`;
      push(fn.locals[index!]!, name, [name]);
    } else if (op === "local.set" || op === "local.tee") {
      const name = `l${index}${LETTER[fn.locals[index!]!]}`;
      emit(`${name} = ${top()};`, [top()], [name]);
      if (op === "local.set") pop();
    } else if (op === "global.get") {
      push(globals[index!]!.type, `g${index}i`, [`g${index}i`]);
    } else if (op === "global.set") {
      const from = pop();
      emit(`g${index}i = ${from};`, [from], [`g${index}i`]);
    } else if (op === "select") {
      const [condition, b, a] = [pop(), pop(), top()];
      const type = stack.pop()!;
      push(type, `${condition} !== 0 ? ${a} : ${b}`, [condition, a, b]);
    } else if (BINARY[op] !== undefined) {
      const [b, a] = [pop(), pop()];
      const compares = /\.(eq|ne|lt|le|gt|ge)/.test(op);
      push(
        compares ? "i32" : op.slice(0, 3),
        BINARY[op]!.replace(/\b[ab]\b/g, (name) => (name === "a" ? a : b)),
        [a, b],
      );
    } else if (UNARY[op] !== undefined) {
      const a = pop();
      push(UNARY[op]![1], UNARY[op]![0].replace(/\ba\b/g, a), [a]);
    } else if (op === "i32.load" || op === "f64.load" || op === "i64.load32_u") {
      const a = pop();
      if (op === "i32.load") push("i32", `W.ld(${address(a)})`, [a]);
      else if (op === "f64.load") push("f64", `W.ldF64(${address(a)})`, [a]);
      else push("i64", `BigInt(W.ld(${address(a)}) >>> 0)`, [a]);
    } else if (op === "i32.store" || op === "f64.store" || op === "i64.store32") {
      const [v, a] = [pop(), pop()];
      const stored = op === "i64.store32" ? `Number(BigInt.asIntN(32, ${v}))` : v;
      const changed = change === "wrong" ? `${stored} + 1` : stored;
      const isPoint = op === "i32.store" && READ_UNLOCKED.some(([offset_, names]) => offset_ === offset && names.includes(fn.name));
      const js = `W.${op === "f64.store" ? "stF64" : "st"}(${address(a)}, ${changed});`;
      if (change === "drop") return;
      if (isPoint) emit(`W.isPlainPoint = true; ${js}`, [v, a], [], { address: address(a), isLoad: false });
      else emit(js, [v, a], []);
    } else if (op === "memory.fill") {
      const [n, v, a] = [pop(), pop(), pop()];
      if (change !== "drop") emit(`W.fill(${a} >>> 0, ${v}, ${n});`, [n, v, a], []);
    } else if (op === "memory.copy") {
      const [n, from, to] = [pop(), pop(), pop()];
      if (change !== "drop") emit(`W.copy(${to} >>> 0, ${from} >>> 0, ${n} >>> 0);`, [n, from, to], []);
    } else atomicOperation(op, address, change);
  }

  function atomicOperation(op: string, address: (name: string) => string, change: Mutation["change"] | undefined): void {
    const point = (name: string, isLoad = false): Atomic => ({ address: address(name), isLoad });
    if (op === "i32.atomic.load") {
      const a = pop();
      push("i32", `W.aLoad(${address(a)})`, [a], point(a, true));
    } else if (op === "i32.atomic.store") {
      const [v, a] = [pop(), pop()];
      if (change !== "drop") emit(`W.aStore(${address(a)}, ${change === "wrong" ? `(${v} + 1) | 0` : v});`, [v, a], [], point(a));
    } else if (op === "i32.atomic.rmw.cmpxchg") {
      const [v, e, a] = [pop(), pop(), pop()];
      if (change === "always") push("i32", `(W.xchg(${address(a)}, ${v}), ${e})`, [v, e, a], point(a));
      else if (change === "nostore") push("i32", `W.aLoad(${address(a)})`, [a], point(a, true));
      else if (change === "split") {
        emit(`t0i = W.aLoad(${address(a)});`, [a], ["t0i"], point(a, true));
        emit(`if (t0i === ${e}) W.aStore(${address(a)}, ${v});`, [a, e, v, "t0i"], [], point(a));
        push("i32", "t0i", ["t0i"]);
      } else push("i32", `W.cas(${address(a)}, ${e}, ${v})`, [v, e, a], point(a));
    } else if (op.startsWith("i32.atomic.rmw.")) {
      const [v, a] = [pop(), pop()];
      const name = op.slice("i32.atomic.rmw.".length);
      const operand = name === "sub" ? `-${v} | 0` : v;
      if (change === "drop") push("i32", `W.aLoad(${address(a)})`, [a], point(a, true));
      else if (name === "xchg") push("i32", `W.xchg(${address(a)}, ${operand})`, [v, a], point(a));
      else if (name === "add" || name === "sub") push("i32", `W.add(${address(a)}, ${operand})`, [v, a], point(a));
      else throw new Error(`flatten: ${op} is not expected`);
    } else if (op === "memory.atomic.notify") {
      const [n, a] = [pop(), pop()];
      if (change === "drop") push("i32", "0", [n, a]);
      else push("i32", `W.notify(${address(a)})`, [n, a], point(a));
    } else throw new Error(`flatten: ${op} is not expected`);
  }
}

/** JavaScript that is true when the jump is taken. An if jumps to its other side when the condition is zero. */
function conditionOf(change: Mutation["change"] | undefined, name: string, isIf: boolean): string {
  if (change === "never") return isIf ? "true" : "false"; // the guarded side never runs
  if (change === "always") return isIf ? "false" : "true";
  return isIf === (change !== "invert") ? `${name} === 0` : `${name} !== 0`;
}
