// Looking at the heap from outside: what exists, peeked without leaving a trace. For the checks, not for the modelled threads.

import * as L from "../src/runtime/memory/layout.ts";
import { Violation, type World } from "./world.ts";

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

/** A cell of the model: two doubles that must agree. */
export const CELL_BYTES = 16;
/** Stands in private memory that no value was written to. */
export const UNTOUCHED = 999;

/** A value where it lies, in so many bytes: a number, the mark in the block it is the address of, or what a cell holds. */
export function valueAt(world: World, address: number, bytes = 8): number {
  if (bytes === CELL_BYTES) {
    const value = world.getF64(address >> 2);
    if (world.getF64((address + 8) >> 2) !== value) throw new Violation(`the cell at ${address} is torn`);
    return value;
  }
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

const tasksOf = (world: World) => recordsOf(world, L.KIND_TASK, L.TASK_SIZE);

/** A task that stands as running by a thread of this slot and epoch, or 0: what the supervisor looks for. */
export function runningTaskOf(world: World, slot: number, epoch: number): number {
  const at = (address: number) => world.m[address >> 2]!;
  const isIts = (task: number) =>
    at(task + L.TASK_STATE) === L.TASK_RUNNING && at(task + L.TASK_OWNER) === slot && at(task + L.TASK_OWNER_EPOCH) === epoch;
  return tasksOf(world).find(isIts) ?? 0;
}

/** Ended tasks whose joiner had this slot and is gone. */
export function orphansOf(world: World, slot: number): number[] {
  const at = (address: number) => world.m[address >> 2]!;
  const epoch = at(slot + L.SLOT_EPOCH);
  return tasksOf(world).filter(
    (task) => at(task + L.TASK_STATE) === L.TASK_DONE && at(task + L.TASK_JOINER) === slot && at(task + L.TASK_JOINER_EPOCH) !== epoch,
  );
}

/** A list whose links back agree with its links on; every member names its owner. */
function checkList(world: World, what: string, first: number, next: number, back: number, ownedAt: number, owner: number): number {
  const at = (address: number) => world.m[address >> 2]!;
  let before = 0;
  for (const member of chain(world, first, next) ?? []) {
    if (at(member + back) !== before || at(member + ownedAt) !== owner) throw new Violation(`${what} is torn`);
    before = member;
  }
  return before;
}

/** The lists a transition may have touched: the private blocks of a slot, and both task queues with their idle threads. */
export function checkLists(world: World, slot: number, hasTasks: boolean): void {
  const at = (address: number) => world.m[address >> 2]!;
  checkList(world, "a private list", at(slot + L.SLOT_BLOCKS), L.BLOCK_NEXT, L.BLOCK_PREV, L.BLOCK_OWNER, slot);
  if (!hasTasks) return;
  for (const queue of [L.QUEUE_LIGHT_AT, L.QUEUE_DEDICATED_AT]) {
    const last = checkList(world, "a task queue", at(queue + L.QUEUE_HEAD), L.TASK_QUEUE_NEXT, L.TASK_QUEUE_PREV, L.TASK_QUEUE, queue);
    if (last !== at(queue + L.QUEUE_TAIL)) throw new Violation("a task queue does not end at its tail");
    checkList(world, "an idle list", at(queue + L.QUEUE_IDLE), L.SLOT_IDLE_NEXT, L.SLOT_IDLE_PREV, L.SLOT_IDLE_QUEUE, queue);
  }
}

const KINDS = [L.KIND_CHANNEL, L.KIND_TASK, L.KIND_OP_CHUNK];

/** How far fresh memory has been taken: the never-used records of each kind, and the bump pointer. They only move up. */
export function freshLimits(world: World): number[] {
  const next = (kind: number) => world.m[(L.CLASSES_AT + kind * L.CLASS_SIZE + L.CLASS_NEXT) >> 2]!;
  return [...KINDS.map(next), world.m[(L.BUMP_AT + L.BUMP_NEXT) >> 2]!];
}

/** Where fresh memory was taken, nothing of its kind lay free, or too few large blocks: looked at after a call that went well. */
export function checkReuse(world: World, before: number[], slot: number, transition: string): void {
  const at = (address: number) => world.m[address >> 2]!;
  const home = (index: number) => L.CLASSES_AT + index * L.CLASS_SIZE;
  const isCool = (index: number, blocks: number) => blocks * blockClassBytes(index) >= Math.min(L.COOL_BYTES, at(L.HEAP_CEILING_AT) >>> 5);
  const isLarge = (index: number) => index >= L.COOL_CLASS && index < L.BLOCK_CLASSES;
  const isFree = (index: number) =>
    at(home(index) + L.CLASS_FREE) !== 0 && (!isLarge(index) || isCool(index, at(home(index) + L.CLASS_COOLING)));
  const after = freshLimits(world);
  const answer = at(slot + L.SLOT_RESULT);
  const block = transition === "blockAlloc" ? answer : transition === "chanMake" ? at(answer + L.CHANNEL_BUFFER) : 0;
  const isWrong =
    KINDS.some((kind, i) => after[i] !== before[i] && isFree(kind)) ||
    (block >= before[KINDS.length]! && isFree(at(block + L.BLOCK_CLASS)));
  if (isWrong) throw new Violation(`${transition} took fresh memory, and some of the kind lies free`);
  const bump = before[KINDS.length]!;
  const index = block === 0 ? 0 : at(block + L.BLOCK_CLASS);
  const isReused = block !== 0 && block < bump && isLarge(index);
  if (isReused && !isCool(index, at(home(index) + L.CLASS_COOLING) + 1) && bump + blockClassBytes(index) <= world.ceiling)
    throw new Violation(`${transition} took a large block that has not cooled down`);
}
