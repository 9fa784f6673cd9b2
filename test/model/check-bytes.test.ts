// Every rule of the byte check can fail: tiny modules assembled by hand, and the shipped bytes with one byte changed.

import { expect, test } from "vitest";
import { checkBytes } from "../../scripts/check-bytes.js";
import { decode } from "../../scripts/wasm-decode.js";
import { TRANSITIONS_BASE64 } from "../../src/runtime/memory/generated/transitions.ts";

const shipped = new Uint8Array(Buffer.from(TRANSITIONS_BASE64, "base64"));

/** A module with one exported function f(i32) → i32 of these instructions. */
function moduleOf(...body: number[]): Uint8Array {
  const section = (id: number, ...content: number[]) => [id, content.length, ...content];
  const memory = [1, 3, 0x65, 0x6e, 0x76, 1, 0x6d, 2, 3, 2, 2];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 1, 0x7f, 1, 0x7f),
    ...section(2, ...memory),
    ...section(3, 1, 0),
    ...section(7, 1, 1, 0x66, 0, 0),
    ...section(10, 1, body.length + 2, 0, ...body, 0x0b),
  ]);
}
const ZERO = [0x41, 0];
const PARAM = [0x20, 0];
const LOAD = (offset: number) => [0x28, 2, offset];
const STORE = (offset: number) => [0x36, 2, offset];
const ATOMIC_LOAD = (offset: number) => [0xfe, 0x10, 2, offset];
const F64_LOAD = (offset: number) => [0x2b, 3, offset];
const DROP = 0x1a;

test("the shipped bytes have no problem", () => {
  expect(checkBytes(shipped)).toEqual([]);
});

test("a clean module passes, so the failures below come from their rule", () => {
  expect(checkBytes(moduleOf(...PARAM, ...ATOMIC_LOAD(60)))).toEqual([]);
  expect(checkBytes(moduleOf(...PARAM, ...LOAD(56)))).toEqual([]);
});

test.each([
  ["loop", [0x03, 0x40, 0x0b, ...ZERO]],
  ["call", [...PARAM, 0x10, 0]],
  ["call_indirect", [...PARAM, ...ZERO, 0x11, 0, 0]],
  ["memory.grow", [...PARAM, 0x40, 0]],
  ["memory.atomic.wait32", [...PARAM, ...ZERO, 0x42, 0, 0xfe, 0x01, 2, 60]],
  ["memory.atomic.wait64", [...PARAM, 0x42, 0, 0x42, 0, 0xfe, 0x02, 3, 56]],
])("%s is refused", (name, body) => {
  expect(checkBytes(moduleOf(...body)).some((problem) => problem.includes(` ${name} `))).toBe(true);
});

test.each([
  ["atomic load beside a control word", [...PARAM, ...ATOMIC_LOAD(56)]],
  ["plain load of a control word", [...PARAM, ...LOAD(60)]],
  ["plain load of a control word, 16 bits wide", [...PARAM, 0x2f, 1, 62]],
  ["plain store of a control word", [...PARAM, ...ZERO, ...STORE(60), ...ZERO]],
  ["a wide access whose end touches a control word", [...PARAM, ...F64_LOAD(56), DROP, ...ZERO]],
  ["the same behind an addition", [...PARAM, 0x41, 40, 0x6a, ...LOAD(20)]],
  ["the same behind a local", [...PARAM, 0x41, 60, 0x6a, 0x21, 0, ...PARAM, ...LOAD(0)]],
  ["one of two selected addresses", [0x41, 60, 0x41, 0, ...PARAM, 0x1b, ...LOAD(0)]],
  ["one of two branches", [...PARAM, 0x04, 0x40, 0x41, 60, 0x21, 0, 0x0b, ...PARAM, ...LOAD(0)]],
  ["a folded constant address", [0x41, 0x3c, ...LOAD(0)]],
  ["an atomic access of 64 bits", [...PARAM, 0xfe, 0x11, 3, 60, DROP, ...ZERO]],
])("%s is refused", (_name, body) => {
  expect(checkBytes(moduleOf(...body))).toHaveLength(1);
});

test("every control-word access of the shipped bytes, moved by four bytes, is refused", () => {
  let moved = 0;
  for (const { code } of decode(shipped).functions) {
    for (const { op, offset, at } of code) {
      if (!op.includes("atomic") || offset !== 60) continue;
      const bytes = shipped.slice();
      bytes[bytes.indexOf(60, at)] = 56;
      moved += 1;
      expect(checkBytes(bytes)).not.toEqual([]);
    }
  }
  expect(moved).toBeGreaterThan(50);
});

test("what the decoder does not know it refuses", () => {
  expect(() => checkBytes(moduleOf(0xd0, 0x70))).toThrow("unknown instruction");
});
