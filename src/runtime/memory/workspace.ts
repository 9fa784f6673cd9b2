// A thread's working memory: a private block through which values pass on their way between JavaScript and a ring.
//
// Memory   ├─ one cell ─┼─ many words or cells ──────────┤
// Invariant  between the last byte written to an area and the transition that copies it no code of a user runs: a codec reads all of a value
//            before it writes any of it. For many values that cannot hold, so that area serves one call at a time (isFilling).

import { blockPayload, type SharedHeap } from "./heap.ts";
import * as L from "./layout.ts";

const MANY_BYTES = 32_768;
export const WORKSPACE_BYTES = L.CELL_MAX + MANY_BYTES;

export class Workspace {
  /** Address of the cell that is sent or received at once. */
  readonly cell: number;
  readonly many: number;
  readonly manyBytes = MANY_BYTES;
  /** A call is filling `many` this moment; one inside it, from a getter of what is sent, goes another way. */
  isFilling = false;

  /** `block` is a private block of the slot's thread, WORKSPACE_BYTES long. */
  constructor(heap: SharedHeap, slot: number, block: number) {
    heap.u32[(slot + L.SLOT_WORKSPACE) >> 2] = block;
    this.cell = blockPayload(block);
    this.many = this.cell + L.CELL_MAX;
  }
}
