// Looking at the heap from outside: what exists, peeked without leaving a trace. For the checks, not for the modelled threads.

import * as L from "../src/runtime/memory/layout.ts";
import type { World } from "./world.ts";

export function blockClassBytes(index: number): number {
  return index & 1 ? 32 << (index >> 1) : 24 << (index >> 1);
}

/** Every record of a kind ever handed out. */
export function recordsOf(world: World, kind: number, size: number): number[] {
  const home = L.CLASSES_AT + kind * L.CLASS_SIZE;
  const at = (address: number) => world.m[address >> 2]!;
  const newest = at(home + L.CLASS_CHUNKS);
  const records: number[] = [];
  for (let chunk = newest; chunk !== 0; chunk = at(chunk + L.CHUNK_NEXT)) {
    const end = chunk === newest ? at(home + L.CLASS_NEXT) : chunk + L.LINE + size * L.CHUNK_RECORDS;
    for (let record = chunk + L.LINE; record < end; record += size) records.push(record);
    if (records.length > 4096) throw new Error("the chunks of a kind form a circle");
  }
  return records;
}

/** A value where it lies: a number, or the mark in the block it is the address of. */
export function valueAt(world: World, address: number): number {
  const [low, high] = [world.m[address >> 2]!, world.m[(address + 4) >> 2]!];
  if (high !== 0 || low < L.RECORDS_AT || low >= world.ceiling) return world.getF64(address >> 2);
  return world.m[(low + L.BLOCK_HEADER) >> 2]!;
}

/** Follows a list of links; stops with undefined if it is longer than anything here can be. */
export function chain(world: World, first: number, linkOffset: number): number[] | undefined {
  const list: number[] = [];
  for (let at = first; at !== 0; at = world.m[(at + linkOffset) >> 2]!) {
    list.push(at);
    if (list.length > 300 || at < 0 || at >= world.ceiling) return undefined;
  }
  return list;
}
