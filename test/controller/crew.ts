// The crew: real threads that are used for run after run, seen from the thread that orders the runs.

import { Worker } from "node:worker_threads";
import { SharedHeap } from "../../src/runtime/memory/heap.ts";
import * as L from "../../src/runtime/memory/layout.ts";
import { slotAt, Thread } from "../../src/runtime/memory/thread.ts";
import { sweepExited } from "../../src/workers/sweep.ts";
import { heldLocks, tornStructures } from "../support/kill-probe-check.js";
import * as B from "./board.ts";
import { Controller } from "./controller.ts";
import type { Message, ParticipantData } from "./participant.ts";
import type { Program } from "./program.ts";

/** How a run is scheduled. Everything that happens in it follows from the program and this. */
export interface Schedule {
  readonly mode: number;
  readonly seed: number;
  /** Choices of the first decisions. */
  readonly forced?: ArrayLike<number>;
  readonly stick?: number;
  readonly busyShare?: number;
  readonly fault?: number;
  readonly faultAt?: number;
  readonly victim?: number;
  readonly bossRank?: number;
}

export interface Run {
  readonly outcome: number;
  readonly trace: ReturnType<B.Board["trace"]>;
  readonly history: number[][];
  /** What is wrong with it but for its history. */
  readonly problems: string[];
}

const HEAP_BYTES = 4 << 20;
const SILENCE_MS = 4_000;

interface Member {
  readonly worker: Worker;
  isFinished: boolean;
}

export class Crew {
  readonly #root: string;
  readonly #board = new B.Board();
  readonly #heap = SharedHeap.create(HEAP_BYTES, 1);
  readonly #controller = new Controller(this.#board, this.#heap.i32, -1);
  readonly #members: (Member | undefined)[] = [];
  readonly #pristine: number;
  #problems: string[] = [];
  #onChange = () => {};

  private constructor(root: string) {
    this.#root = root;
    this.#pristine = this.#heap.u32[(L.BUMP_AT + L.BUMP_NEXT) >> 2]!;
  }

  /** A crew on the code in `root`, a folder URL. Its threads start as programs need them. */
  static on(root: string): Crew {
    return new Crew(root);
  }

  async #fill(count: number): Promise<void> {
    const missing = Array.from({ length: count }, (_, me) => me).filter((me) => !this.#members[me]);
    await Promise.all(missing.map((me) => this.#hire(me)));
  }

  #hire(me: number): Promise<void> {
    const workerData: ParticipantData = {
      me,
      root: this.#root,
      memory: this.#heap.memory,
      board: this.#board.words.buffer as unknown as SharedArrayBuffer,
    };
    const worker = new Worker(new URL("./entry.js", import.meta.url), { workerData });
    const member: Member = { worker, isFinished: true };
    return new Promise((resolve, reject) => {
      worker.on("message", (message: Message) => {
        if (message === "ready") {
          this.#members[me] = member;
          return resolve();
        }
        if ("terminate" in message) return void this.#members[message.terminate]?.worker.terminate();
        this.#problems.push(...message.finished);
        member.isFinished = true;
        this.#onChange();
      });
      worker.on("error", (error) => {
        this.#problems.push(`thread ${me} broke: ${error.stack}`);
        reject(error);
      });
      worker.on("exit", () => {
        if (this.#members[me] === member) this.#members[me] = undefined;
        Atomics.store(this.#board.words, this.#board.index(me, B.EXITED), 1);
        Atomics.notify(this.#board.words, this.#board.index(me, B.EXITED));
        this.#onChange();
      });
    });
  }

  async run(program: Program, schedule: Schedule): Promise<Run> {
    const board = this.#board;
    const count = program.threads.length + 1;
    await this.#fill(count);
    this.#reset(count);
    this.#order(schedule, count);
    this.#problems = [];
    const members = this.#members.slice(0, count) as Member[];
    for (const member of members) {
      member.isFinished = false;
      member.worker.postMessage(program);
    }
    this.#controller.begin(B.BOSS);
    await this.#finished(members);
    if (board.get(B.OUTCOME) === B.DONE) this.#checkHeap(program);
    return { outcome: board.get(B.OUTCOME), trace: board.trace(), history: board.history(), problems: this.#problems };
  }

  /** The heap and the board as if nothing had ever happened on them. */
  #reset(count: number): void {
    const { u8, u32, i32, memory } = this.#heap;
    const end = u32[(L.BUMP_AT + L.BUMP_NEXT) >> 2]!;
    u8.fill(0, L.BUMP_AT, L.SLOTS_AT);
    u8.fill(0, L.SLOTS_AT, slotAt(B.MAX_THREADS));
    u8.fill(0, L.RECORDS_AT, end);
    u32[(L.BUMP_AT + L.BUMP_NEXT) >> 2] = this.#pristine;
    u32[L.HEAP_CEILING_AT >> 2] = memory.buffer.byteLength;
    i32[L.HEAP_SLOTS_AT >> 2] = 0; // no thread sees another run: nobody spins
    for (let thread = 0; thread < count; thread++) Thread.open(this.#heap, slotAt(thread));
    this.#board.clear();
  }

  #order(schedule: Schedule, count: number): void {
    const board = this.#board;
    board.set(B.THREAD_COUNT, count);
    board.set(B.MODE, schedule.mode);
    board.set(B.SEED, schedule.seed);
    board.set(B.RANDOM, schedule.seed);
    board.set(B.STICK, schedule.stick ?? 0);
    board.set(B.BUSY_SHARE, schedule.busyShare ?? 0);
    board.set(B.FAULT, schedule.fault ?? B.NO_FAULT);
    board.set(B.FAULT_AT, schedule.faultAt ?? 0);
    board.set(B.FAULT_VICTIM, schedule.victim ?? 0);
    board.set(B.BOSS_RANK, schedule.bossRank ?? B.BOSS_FIRST);
    board.set(B.CURRENT, 1);
    board.force(schedule.forced ?? []);
  }

  /** Until every thread has finished or exited; ends the run if nothing happens in it any more. */
  async #finished(members: readonly Member[]): Promise<void> {
    const isOver = () => members.every((member) => member.isFinished || !this.#members.includes(member));
    let seen = -1;
    let isEnded = false;
    while (!isOver()) {
      const isSilent = await this.#changeWithin(SILENCE_MS);
      if (!isSilent) continue;
      const decisions = this.#board.get(B.DECISIONS);
      if (decisions !== seen) seen = decisions;
      else if (isEnded) await Promise.all(members.filter((member) => !member.isFinished).map((member) => member.worker.terminate()));
      else {
        isEnded = true;
        for (let thread = 0; thread < B.MAX_THREADS; thread++)
          this.#problems.push(
            `thread ${thread}: state ${this.#board.state(thread)}, before ${B.LABEL_NAMES[this.#board.of(thread, B.LABEL)]}`,
          );
        this.#problems.push(
          `outcome ${this.#board.get(B.OUTCOME)}, ${decisions} decisions, finished ${members.map((one) => one.isFinished)}`,
        );
        this.#controller.finish(B.SILENT);
        const { i32 } = this.#heap;
        for (let thread = 0; thread < B.MAX_THREADS; thread++)
          for (const word of [L.SLOT_PARK, L.SLOT_ASYNC_WORD]) Atomics.notify(i32, (slotAt(thread) + word) >> 2);
      }
    }
  }

  /** True if nothing changed in that time. */
  #changeWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), ms);
      this.#onChange = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
  }

  /** At the end of a run nothing is held or torn, every channel is gone, and what the threads own goes with them. */
  #checkHeap(program: Program): void {
    const heap = this.#heap;
    const count = program.threads.length + 1;
    const isBulk = program.threads.flat(2).some((one) => one.do === "sendMany" || one.do === "recvMany");
    const expect = (isSo: boolean, text: string) => {
      if (!isSo) this.#problems.push(text);
    };
    for (let thread = 1; thread < count; thread++) {
      if (heap.i32[(slotAt(thread) + L.SLOT_STATE) >> 2] !== L.SLOT_LIVE) continue; // what the dead had in use is swept
      const ready = heap.u32[(slotAt(thread) + L.SLOT_READY) >> 2]!;
      expect(ready === 0, `thread ${thread} ended with ${ready} in its ready list`);
      const left = this.#board.of(thread, B.IN_USE);
      expect(left === 0, `thread ${thread} ended with ${left} operations, holds or timers in use`);
      let blocks = 0;
      for (let block = heap.u32[(slotAt(thread) + L.SLOT_BLOCKS) >> 2]!; block !== 0; block = heap.u32[(block + L.BLOCK_NEXT) >> 2]!)
        blocks++;
      expect(blocks <= (isBulk ? 1 : 0), `thread ${thread} ended with ${blocks} blocks`); // one for bulk copies
    }
    expect(heap.use().channels === 0, `${heap.use().channels} channels were left`);
    expect(heap.use().syncs === 0, `${heap.use().syncs} sync primitives were left`);
    this.#problems.push(...(heldLocks(L, heap.memory) as string[]).map((lock) => `held: ${lock}`));
    this.#problems.push(...(tornStructures(L, heap.memory) as string[]).map((text) => `torn: ${text}`));
    if (this.#problems.length > 0) return; // what follows might wait for ever
    const boss = new Thread(heap, slotAt(B.BOSS), heap.i32[(slotAt(B.BOSS) + L.SLOT_EPOCH) >> 2]!);
    for (let thread = 1; thread < count; thread++) {
      if (heap.i32[(slotAt(thread) + L.SLOT_STATE) >> 2] !== L.SLOT_LIVE) continue;
      boss.call("fence", (fn) => fn.fence(slotAt(thread)));
      sweepExited(boss, slotAt(thread), new Uint8Array());
    }
    const { blocks, opChunks } = heap.use();
    expect(blocks === 0 && opChunks === 2, `${blocks} blocks and ${opChunks - 2} chunks of operations were left`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map((member) => member?.worker.terminate()));
  }
}
