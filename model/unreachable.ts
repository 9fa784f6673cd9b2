// Code that never runs in a function because of what is known of its arguments: a transition on one kind of sync record carries, inlined, what the
// step that serves a waiter does for all kinds. Constants are followed through locals and branches; there are no loops.

import type { Instruction, WasmFunction } from "../scripts/wasm-decode.js";
import * as L from "../src/runtime/memory/layout.ts";

/** What is known of the record in the first argument, and of every node in its queue. */
interface Known {
  /** Policies it may have. */
  readonly policies: readonly number[];
  /** The wish of whoever waits there. */
  readonly wish?: number;
  /** The first look at the flags lets it go on only if there are none. */
  readonly isOpen?: boolean;
}

const KNOWN: Readonly<Record<string, Known>> = {
  syncAdd: { policies: [L.SYNC_COUNTING], wish: L.SYNC_BARGES, isOpen: true },
  syncSignal: { policies: [L.SYNC_SIGNALLING], wish: L.SYNC_TAKES, isOpen: true },
  // Nobody holds anything of a barrier.
  syncRelease: { policies: [L.SYNC_SEMAPHORE, L.SYNC_LOCKING, L.SYNC_COUNTING, L.SYNC_SIGNALLING] },
};

type Value = number | readonly number[] | "the record" | undefined;
type Locals = ReadonlyMap<number, Value>;

export interface Reach {
  /** By index: it can run. */
  readonly runs: readonly boolean[];
  /** By index of an if or br_if: its condition can be true. */
  readonly isTaken: readonly boolean[];
}

const isConstant = (value: Value): value is number => typeof value === "number";

/** The result of a comparison of two values, where it is known. */
function compared(op: string, a: Value, b: Value): Value {
  if (Array.isArray(a) && isConstant(b) && !a.includes(b)) return op === "i32.eq" ? 0 : op === "i32.ne" ? 1 : undefined;
  if (!isConstant(a) || !isConstant(b)) return op === "i32.and" && (a === 0 || b === 0) ? 0 : undefined;
  if (op === "i32.eq") return Number(a === b);
  if (op === "i32.ne") return Number(a !== b);
  if (op === "i32.and") return a & b;
  if (op === "i32.or") return a | b;
  return undefined;
}

interface Block {
  readonly height: number;
  readonly result: boolean;
  /** Of an if: what holds where its other side begins. */
  otherwise: Locals | undefined;
  /** What holds wherever it is left, and its result there. */
  readonly ends: { readonly locals: Locals; readonly value: Value }[];
}

const pops = (op: string): number =>
  /cmpxchg|^select|memory\.(fill|copy)/.test(op)
    ? 3
    : /store|rmw|notify|\.(add|sub|mul|and|or|xor|shl|shr|eq$|ne$|lt|le|gt|ge)/.test(op)
      ? 2
      : 1;
const pushes = (op: string): boolean => !/store|memory\.(fill|copy)|^drop/.test(op) || /notify/.test(op);

export function reachOf(fn: WasmFunction): Reach | undefined {
  const known = KNOWN[fn.name];
  if (known === undefined) return undefined;
  const runs = fn.code.map(() => false);
  const isTaken = fn.code.map(() => false);
  const stack: Value[] = [];
  const blocks: Block[] = [{ height: 0, result: true, otherwise: undefined, ends: [] }];
  let looks = 0; // at the flags
  let locals: Locals | undefined = new Map<number, Value>([[0, "the record"]]);

  const both = (a: Locals | undefined, b: Locals): Locals =>
    a === undefined ? b : new Map([...a].filter(([index, value]) => b.get(index) === value));
  const leave = (depth: number) => {
    const { ends, result } = blocks[blocks.length - 1 - depth]!;
    ends.push({ locals: locals!, value: result ? stack.at(-1) : undefined });
  };

  fn.code.forEach((instruction: Instruction, index: number) => {
    const { op } = instruction;
    const block = blocks[blocks.length - 1]!;
    if (op === "block" || op === "if") {
      const condition: Value = op === "if" && locals ? stack.pop() : undefined;
      runs[index] = locals !== undefined;
      isTaken[index] = locals !== undefined && condition !== 0;
      const otherwise = op === "if" && locals && !(isConstant(condition) && condition !== 0) ? locals : undefined;
      blocks.push({ height: stack.length, result: instruction.result !== undefined, otherwise, ends: [] });
      if (op === "if" && condition === 0) locals = undefined;
      return;
    }
    if (op === "else" || op === "end") {
      if (locals) leave(0);
      stack.length = block.height;
      locals = block.otherwise;
      block.otherwise = undefined;
      if (op === "else") return;
      if (locals) block.ends.push({ locals, value: undefined }); // an if without another side
      locals = block.ends.reduce<Locals | undefined>((all, one) => both(all, one.locals), undefined);
      blocks.pop();
      const [first] = block.ends;
      if (block.result) stack.push(block.ends.every(({ value }) => value === first!.value) ? first?.value : undefined);
      return;
    }
    if (locals === undefined) return;
    runs[index] = true;
    if (op === "br" || op === "return") {
      if (op === "br") leave(instruction.index!);
      locals = undefined;
    } else if (op === "br_if") {
      const condition = stack.pop();
      isTaken[index] = condition !== 0;
      if (condition !== 0) leave(instruction.index!);
      if (isConstant(condition) && condition !== 0) locals = undefined;
    } else if (op === "local.get") stack.push(locals.get(instruction.index!));
    else if (op === "local.set" || op === "local.tee") {
      locals = new Map(locals).set(instruction.index!, stack.at(-1));
      if (op === "local.set") stack.pop();
    } else if (op.endsWith(".const")) stack.push(typeof instruction.value === "bigint" ? undefined : (instruction.value as number));
    else if (op === "global.get") stack.push(undefined);
    else if (op === "nop") return;
    else {
      const [b, a] = [stack.pop(), pops(op) > 1 ? stack.pop() : undefined];
      if (pops(op) > 2) stack.pop();
      if (!pushes(op) || op === "global.set") return;
      stack.push(
        op === "i32.load" ? loaded(b, instruction.offset!) : op === "i32.eqz" && isConstant(b) ? Number(b === 0) : compared(op, a, b),
      );
    }
  });
  return { runs, isTaken };

  function loaded(base: Value, offset: number): Value {
    const { policies, wish, isOpen } = known!;
    if (base !== "the record") return offset === L.NODE_WISH ? wish : undefined;
    if (offset === L.SYNC_FLAGS && isOpen) return looks++ > 0 ? 0 : undefined;
    if (offset !== L.SYNC_POLICY) return undefined;
    return policies.length === 1 ? policies[0] : policies;
  }
}
