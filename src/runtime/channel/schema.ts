// Descriptions of structs as data in the heap: a table that only grows. Memory, invariants and crash: transitions/schema.ts.

import { HeddleError } from "../errors.ts";
import type { SharedHeap } from "../memory/heap.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";

const toText = new TextDecoder();
const toBytes = new TextEncoder();

/** What this thread has read of the table. */
const known = new WeakMap<SharedHeap, string[]>();

function tableOf(thread: Thread): string[] {
  const { heap } = thread;
  let texts = known.get(heap);
  if (!texts) {
    texts = [];
    known.set(heap, texts);
  }
  const count = Atomics.load(heap.i32, (L.SCHEMAS_AT + L.SCHEMA_WORD) >> 2) >>> 1; // observes the entries below it
  while (texts.length < count) {
    const block = heap.u32[(L.SCHEMAS_AT + L.SCHEMA_TABLE + texts.length * 4) >> 2]!;
    texts.push(toText.decode(thread.read(block)));
  }
  return texts;
}

/** The number of a description, which is added if it is new. Throws ERR_TOO_MANY_STRUCTS and HeapExhaustedError. */
export function schemaNumber(thread: Thread, text: string): number {
  for (;;) {
    const texts = tableOf(thread);
    const number = texts.indexOf(text);
    if (number >= 0) return number;
    const count = texts.length;
    const block = thread.store("the description of a struct", toBytes.encode(text));
    const status = thread.call("struct", (fn) => fn.schemaAdd(thread.slot, thread.epoch, block, count));
    if (status === L.OK) return count;
    thread.free(block);
    if (status === L.REFUSED) {
      throw new HeddleError(
        "ERR_TOO_MANY_STRUCTS",
        `expected at most ${L.SCHEMA_MAX} different structs in a runtime; declare them once, at the top of a module`,
      );
    }
  }
}

/** The description with this number. */
export function schemaText(thread: Thread, number: number): string {
  const text = tableOf(thread)[number];
  if (text === undefined) throw new HeddleError("ERR_INVALID_ARG", `codec: expected the code of a known struct, got number ${number}`);
  return text;
}
