// A thread under the controller, for run after run: takes its place in the heap, does its part of the program, and says that it has finished.

import { parentPort, workerData } from "node:worker_threads";
import type { Channel } from "../../src/runtime/channel/index.ts";
import type { Link } from "../../src/runtime/context/link.ts";
import type { WasmMemory } from "../../src/runtime/memory/heap.ts";
import * as L from "../../src/runtime/memory/layout.ts";
import { slotAt, type Thread } from "../../src/runtime/memory/thread.ts";
import type { Shared } from "../../src/runtime/operation/shared.ts";
import { Actor, type Stage } from "./actor.ts";
import * as B from "./board.ts";
import { makeChannels, makeContexts, makeSyncs, supervise } from "./boss.ts";
import { Controller, Stopped } from "./controller.ts";
import { Hooks } from "./hooks.ts";
import { Loop } from "./loop.ts";
import { type Program, tasksOf } from "./program.ts";
import { load } from "./subject.ts";

export interface ParticipantData {
  readonly me: number;
  readonly root: string;
  readonly memory: WasmMemory;
  readonly board: SharedArrayBuffer;
}

/** What a thread tells the crew. */
export type Message = "ready" | { readonly terminate: number } | { readonly finished: string[] };

const SYNC_CLASSES = {
  mutex: "Mutex",
  rwMutex: "RwMutex",
  waitGroup: "WaitGroup",
  once: "Once",
  semaphore: "Semaphore",
  barrier: "Barrier",
  cond: "Cond",
  int: "AtomicInt",
  flag: "AtomicFlag",
  float: "AtomicFloat",
} as const;

const port = parentPort!;
const data = workerData as ParticipantData;
const { me } = data;
const subject = await load(data.root);
const board = new B.Board(data.board);
const heap = new subject.heap.SharedHeap(data.memory);
const words = heap.i32;
const hooks = new Hooks(heap);
const say = (message: Message) => port.postMessage(message);

let reports: string[] = [];
let isCrashed = false;
const report = (text: string) => void reports.push(`thread ${me}: ${text}`);

/** An error nobody catches ends a thread. Retired ones meet theirs wherever they are. */
function onUncaught(error: unknown): void {
  if (error instanceof Stopped) return;
  isCrashed = true;
  if ((error as { code?: unknown } | null)?.code !== "ERR_FENCED") report(`uncaught ${(error as Error)?.stack ?? String(error)}`);
}
process.on("unhandledRejection", onUncaught);
process.on("uncaughtException", onUncaught);

function openChannels(thread: Thread): Channel<unknown>[] {
  const { Channel: Made, openRing } = subject.channel;
  const channels: Channel<unknown>[] = [];
  for (let at = B.HANDLES; board.get(at) !== 0; at++) channels.push(new Made(openRing(thread, board.get(at))));
  return channels;
}

function openContexts(thread: Thread): Link[] {
  const links: Link[] = [];
  for (let at = B.CONTEXTS; board.get(at) !== 0; at++) links.push(subject.link.Link.open(thread, board.get(at))!);
  return links;
}

/** A view on each of the program's sync primitives: made by the supervising thread, opened from their handles by the others. */
function findSyncs(thread: Thread, program: Program): Shared[] {
  const { codeOf, handleOfShared, openShared } = subject.shared;
  const classes = (program.syncs ?? []).map(({ kind }) => SYNC_CLASSES[kind]);
  if (me !== B.BOSS) return classes.map((name, i) => openShared(codeOf(subject.sync[name]), board.get(B.SYNCS + i), thread));
  const made = makeSyncs(subject, thread, program);
  for (const [i, one] of made.entries()) board.set(B.SYNCS + i, handleOfShared(one, thread));
  return made;
}

async function play(stage: Stage, thread: Thread, program: Program): Promise<void> {
  const { controller, loop } = stage;
  let left = 0;
  for (const [number, task] of tasksOf(program).entries()) {
    if (task.thread !== me) continue;
    left++;
    loop.addCallback(() => {
      const done = () => {
        left--;
      };
      void new Actor(stage, number).run(task.operations).then(done, (error: unknown) => {
        done();
        onUncaught(error);
      });
    });
  }
  hooks.bench.isOpen = false;
  await loop.run(controller.enter(B.IN_LOOP), () => left === 0 || isCrashed);
  const { ops, pending, parker, timers } = thread;
  board.setOf(me, B.IN_USE, isCrashed ? 0 : ops.inUse - 1 + pending.size + parker.holds + timers.size);
}

async function run(program: Program): Promise<void> {
  const controller = new Controller(board, words, me);
  const loop = new Loop(board, me, controller);
  hooks.begin({ controller, loop, isOpen: true });
  reports = [];
  isCrashed = false;
  let thread: Thread | undefined;
  try {
    controller.await();
    const slot = slotAt(me);
    thread = new subject.thread.Thread(heap, slot, Atomics.load(words, (slot + L.SLOT_EPOCH) >> 2));
    const channels = me === B.BOSS ? makeChannels(subject, thread, program) : openChannels(thread);
    if (me === B.BOSS) for (const [at, channel] of channels.entries()) board.set(B.HANDLES + at, channel.ring.handle);
    const links = me === B.BOSS ? makeContexts(subject, thread, program) : openContexts(thread);
    if (me === B.BOSS) for (const [at, link] of links.entries()) board.set(B.CONTEXTS + at, link.handle);
    const syncs = findSyncs(thread, program);
    const background = subject.context.Context.background(thread);
    const contexts = links.map((link) => new subject.context.Canceller(background, link));
    const stage: Stage = {
      board,
      me,
      controller,
      loop,
      subject,
      channels,
      contexts,
      syncs,
      report,
      terminate: (victim) => say({ terminate: victim }),
    };
    if (me === B.BOSS) {
      hooks.bench.isOpen = false;
      await supervise(stage, thread, program);
    } else await play(stage, thread, program);
    controller.end();
  } catch (error) {
    if (!(error instanceof Stopped)) {
      onUncaught(error);
      controller.end();
    }
  }
  hooks.bench.isOpen = true;
  thread?.parker.stop();
  controller.forgetAsyncWait();
  say({ finished: reports });
}

port.on("message", (program: Program) => void run(program));
say("ready");
