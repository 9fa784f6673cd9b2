// The supervising thread of a run: makes the channels; mends what the dead leave, with the runtime's own sweep; and when all the others rest, closes and
// drains every channel, so that everyone must come to an end.

import type { Channel, Codec } from "../../src/runtime/channel/index.ts";
import type { Link } from "../../src/runtime/context/link.ts";
import * as L from "../../src/runtime/memory/layout.ts";
import { slotAt, type Thread } from "../../src/runtime/memory/thread.ts";
import type { Shared } from "../../src/runtime/operation/shared.ts";
import type { Mutex } from "../../src/runtime/sync/index.ts";
import { tornStructures } from "../support/kill-probe-check.js";
import { Actor, type Stage } from "./actor.ts";
import * as B from "./board.ts";
import { BOSS_CANCELS, BOSS_CLOSES, BOSS_TASK } from "./boss-task.ts";
import { cancel, close, type Program, tryRecv } from "./program.ts";
import { closeSync } from "./program-sync.ts";
import type { Subject } from "./subject.ts";

const NO_CAUSE = new Uint8Array();

/** The program's channels, each as a view that is of no declared end: the supervising thread closes and drains them all. */
export function makeChannels(subject: Subject, thread: Thread, program: Program): Channel<unknown>[] {
  const { Channel: View, Ring, f64, utf8 } = subject.channel;
  return program.channels.map(({ capacity, isBlocks, isOneToOne, startIndex }) => {
    const codec = (isBlocks ? utf8 : f64) as unknown as Codec<unknown>;
    const { address, gen } = Ring.make(thread, codec, capacity, isOneToOne ?? false);
    if (startIndex !== undefined) beginAt(thread, address, startIndex << 1);
    return new View(new Ring(thread, address, gen, codec, capacity, false));
  });
}

/** The program's contexts, as whoever may cancel them holds them. */
export function makeContexts({ link }: Subject, thread: Thread, program: Program): Link[] {
  const links: Link[] = [];
  for (const { parent } of program.contexts ?? [])
    links.push(link.Link.make(thread, parent === undefined ? undefined : links[parent], Number.POSITIVE_INFINITY));
  return links;
}

/** The program's sync primitives. */
export function makeSyncs({ sync }: Subject, thread: Thread, program: Program): Shared[] {
  const made: Shared[] = [];
  const maker = new sync.Sync(() => thread);
  for (const of of program.syncs ?? []) {
    if (of.kind === "cond") made.push(maker.cond(made[of.lock] as Mutex));
    else if (of.kind === "semaphore") made.push(maker.semaphore(of.permits));
    else if (of.kind === "barrier") made.push(maker.barrier(of.parties));
    else if (of.kind === "int") made.push(maker.atomicInt());
    else if (of.kind === "flag") made.push(maker.atomicFlag());
    else if (of.kind === "float") made.push(maker.atomicFloat());
    else made.push(maker[of.kind]());
  }
  return made;
}

/** As if that many values had gone through it. */
function beginAt(thread: Thread, address: number, word: number): void {
  for (const offset of [L.CHANNEL_SEND_WORD, L.CHANNEL_RECV_WORD, L.CHANNEL_SEND_SEEN, L.CHANNEL_RECV_SEEN])
    thread.heap.i32[(address + offset) >> 2] = word;
}

export async function supervise(stage: Stage, thread: Thread, program: Program): Promise<void> {
  const { board, controller } = stage;
  for (let news = controller.enter(B.WATCHING); ; news = controller.watch()) {
    if (news === B.WAKE) {
      mend(stage, thread);
      continue;
    }
    board.set(B.RESTS, board.get(B.RESTS) + 1);
    board.log(B.REST);
    if (board.get(B.RESTS) === 2) return;
    await cleanUp(stage, program);
  }
}

/** What the supervisor does about a death, in its order: fence, mend what others see, exit, mend the rest. */
function mend(stage: Stage, thread: Thread): void {
  const { board, controller, subject } = stage;
  const victim = board.get(B.VICTIM);
  board.set(B.VICTIM, 0);
  const slot = slotAt(victim);
  thread.call("fence", (fn) => {
    const status = fn.fence(slot);
    if (status === L.OK) board.log(B.FENCED, victim);
    return status;
  });
  subject.sweep.sweepShared(thread, slot, NO_CAUSE);
  controller.gate(B.EXIT);
  if (board.get(B.FAULT) === B.TERMINATE) stage.terminate(victim);
  else controller.stop(victim, false);
  while (board.state(victim) === B.STOPPED && B.real.load(board.words, board.index(victim, B.EXITED)) === 0)
    B.real.wait(board.words, board.index(victim, B.EXITED), 0);
  board.log(B.GONE, victim);
  subject.sweep.sweepExited(thread, slot, NO_CAUSE);
  for (const text of tornStructures(L, thread.heap.memory) as string[]) stage.report(`torn after the sweep: ${text}`);
}

/**
 * Cancels every context, closes every channel, and takes out what is in it. Of one that was closed and drained nobody takes the end any more: it must be gone by itself.
 * Operations of its own task: close of channel c is number 2c, a receive from it 2c + 1. Closes every sync primitive.
 */
async function cleanUp(stage: Stage, program: Program): Promise<void> {
  const actor = new Actor(stage, BOSS_TASK);
  for (const ctx of stage.contexts.keys()) await actor.perform(BOSS_CANCELS + ctx, cancel(ctx));
  for (const context of stage.contexts) context[Symbol.dispose]();
  for (const sync of stage.syncs.keys()) await actor.perform(BOSS_CLOSES + sync, closeSync(sync));
  for (const channel of program.channels.keys()) await actor.perform(channel * 2, close(channel));
  for (const [index, channel] of stage.channels.entries()) while (channel.length > 0) await actor.perform(index * 2 + 1, tryRecv(index));
}
