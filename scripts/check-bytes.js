// Holds compiled transitions to the rules that make them safe to be killed around: problems as text, none if the bytes are fine.
//
// Rules
//   1. No loop, no call, no growth, no wait: V8 looks for interrupts only there, so without them a transition is never cut in half.
//   2. Control words lie at addresses ≡ 60 (mod 64): an atomic access goes to such a word, 32 bits wide, and a plain access never touches one.
//
// What the second rule sees: the constant part of every address, followed through constants, additions, locals, selects and branches. What comes
// from a parameter, a load or a global counts as the start of a record, a multiple of 64; so does anything multiplied or masked. It cannot see
// a base that is not such a multiple: blocks are aligned to 8 only, and payload may lie anywhere. model/ checks the same rule on the real
// addresses of every run. memory.fill and memory.copy are exempt: they write fresh records or payload.

import { decode } from "./wasm-decode.js";

const FORBIDDEN = new Set(["loop", "call", "call_indirect", "memory.grow", "memory.atomic.wait32", "memory.atomic.wait64", "unreachable"]);
const MODULUS = 64;
const CONTROL = 60;
const BASE = 1n; // the set {0}: bit i stands for "may be ≡ i"
const ALL = (1n << 64n) - 1n;

const constant = (value) => 1n << BigInt(((Number(value) % MODULUS) + MODULUS) % MODULUS);

function rotate(set, by) {
  const n = BigInt(((by % MODULUS) + MODULUS) % MODULUS);
  return ((set << n) | (set >> (64n - n))) & ALL;
}

function sum(a, b) {
  let set = 0n;
  for (let i = 0; i < MODULUS; i++) if ((b >> BigInt(i)) & 1n) set |= rotate(a, i);
  return set;
}

function difference(a, b) {
  let set = 0n;
  for (let i = 0; i < MODULUS; i++) if ((b >> BigInt(i)) & 1n) set |= rotate(a, -i);
  return set;
}

function widthOf(op) {
  const explicit = /(?:load|store|rmw)(8|16|32)/.exec(op);
  if (explicit) return Number(explicit[1]) / 8;
  return op.startsWith("i64") || op.startsWith("f64") ? 8 : 4;
}

/** How many operands an instruction takes and whether it leaves one value. */
function arity(op) {
  if (op.endsWith(".const") || op.endsWith(".get") || op === "memory.size") return [0, 1];
  if (op.includes("cmpxchg")) return [3, 1];
  if (op.includes(".rmw") || op === "memory.atomic.notify") return [2, 1];
  if (op.includes("store")) return [2, 0];
  if (op.includes("load")) return [1, 1];
  if (op === "memory.fill" || op === "memory.copy") return [3, 0];
  if (op === "drop" || op.endsWith(".set")) return [1, 0];
  if (op === "local.tee") return [1, 1];
  if (op === "select") return [3, 1];
  if (op === "nop" || op === "atomic.fence") return [0, 0];
  if (
    /\.(eqz|clz|ctz|popcnt|abs|neg|ceil|floor|trunc|nearest|sqrt)$/.test(op) ||
    /\.(wrap|trunc|extend|convert|demote|promote|reinterpret)/.test(op)
  ) {
    return [1, 1];
  }
  return [2, 1];
}

function join(a, b) {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return { locals: a.locals.map((set, i) => set | b.locals[i]), stack: a.stack.map((set, i) => set | (b.stack[i] ?? 0n)) };
}

/** Checks the address of one access, given the set of its possible remainders. */
function addressProblem({ op, at, offset }, base, where) {
  const set = rotate(base, offset);
  if (op.includes("atomic")) {
    if (op !== "memory.atomic.notify" && widthOf(op) !== 4) return `${where}: ${op} at byte ${at} is not 32 bits wide`;
    return set === 1n << BigInt(CONTROL) ? undefined : `${where}: ${op} at byte ${at} does not go to a control word (offset ${offset})`;
  }
  const width = widthOf(op);
  for (let i = 0; i < MODULUS; i++) {
    if (((set >> BigInt(i)) & 1n) === 0n) continue;
    if (i + width > CONTROL && i < CONTROL + 4)
      return `${where}: ${op} at byte ${at} touches a control word without being atomic (offset ${offset})`;
  }
  return undefined;
}

function checkFunction({ name, params, results, locals, code }) {
  const where = name || "unnamed function";
  const problems = [];
  /** @type {{ locals: bigint[], stack: bigint[] } | undefined} */
  let state = { locals: locals.map((_, i) => (i < params.length ? BASE : constant(0))), stack: [] };
  const blocks = [{ op: "block", height: 0, results: results.length, merged: undefined, atIf: undefined }];
  const leaveTo = (depth) => {
    const target = blocks[blocks.length - 1 - depth];
    if (state === undefined || target === undefined) return;
    const kept = [...state.stack.slice(0, target.height), ...(target.results ? state.stack.slice(-target.results) : [])];
    target.merged = join(target.merged, { locals: [...state.locals], stack: kept });
  };
  for (const instruction of code) {
    const { op, index } = instruction;
    if (FORBIDDEN.has(op)) problems.push(`${where}: ${op} at byte ${instruction.at}`);
    if (op === "block" || op === "loop" || op === "if") {
      if (op === "if") state?.stack.pop();
      const atIf = op === "if" && state ? { locals: [...state.locals], stack: [...state.stack] } : undefined;
      blocks.push({ op, height: state?.stack.length ?? 0, results: instruction.result ? 1 : 0, merged: undefined, atIf });
    } else if (op === "else") {
      leaveTo(0);
      const block = blocks.at(-1);
      state = block.atIf;
      block.atIf = undefined;
    } else if (op === "end") {
      leaveTo(0);
      const block = blocks.pop();
      if (block.op === "if" && block.atIf) block.merged = join(block.merged, block.atIf);
      state = block.merged;
    } else if (state === undefined) continue;
    else if (op === "br" || op === "return") {
      leaveTo(op === "br" ? index : blocks.length - 1);
      state = undefined;
    } else if (op === "br_if") {
      state.stack.pop();
      leaveTo(index);
    } else if (op === "br_table") {
      state.stack.pop();
      for (const target of instruction.targets) leaveTo(target);
      state = undefined;
    } else if (op === "unreachable") state = undefined;
    else if (op === "call" || op === "call_indirect") return problems;
    else {
      const [takes, leaves] = arity(op);
      const operands = takes ? state.stack.splice(-takes) : [];
      if (/\.(atomic|load|store)/.test(op)) {
        const problem = addressProblem(instruction, operands[0], where);
        if (problem !== undefined) problems.push(problem);
      }
      if (op === "local.set" || op === "local.tee") state.locals[index] = operands[0];
      if (op === "local.tee") state.stack.push(operands[0]);
      else if (leaves) state.stack.push(setOf(instruction, operands, state.locals));
    }
  }
  return problems;
}

function setOf({ op, index, value }, [a, b], locals) {
  if (op === "i32.const" || op === "i64.const") return constant(typeof value === "bigint" ? BigInt.asIntN(32, value) : Math.trunc(value));
  if (op === "local.get") return locals[index];
  if (op === "i32.add") return sum(a, b);
  if (op === "i32.sub") return difference(a, b);
  if (op === "select") return a | b;
  return BASE;
}

/**
 * @param {Uint8Array} bytes a compiled module
 * @returns {string[]} what is wrong with it, one line each
 */
export function checkBytes(bytes) {
  const { functions } = decode(bytes);
  return functions.flatMap(checkFunction);
}
