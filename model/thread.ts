// One modelled thread: its frame of private words, and the next shared action it is about to do. Everything a thread knows lies in the world, so
// the explorer can hash it and take it back.
//
// A thread's JavaScript is written as steps: small functions of thread-local work, each ending by naming the next shared action (a transition, an
// atomic operation on its own words, a sleep) and the step that goes on with its result. Local work runs with the action before it.

import * as L from "../src/runtime/memory/layout.ts";
import { FRAME_WORDS } from "./codegen.ts";
import type { History } from "./history.ts";
import type { Instruction } from "./program.ts";
import { MODEL_WORDS, Violation, type World } from "./world.ts";

export type Step = (t: Thread, result: number) => void;
interface NamedStep {
  name: string;
  run: Step;
}
export const steps: NamedStep[] = [{ name: "nothing", run: () => {} }];

/** Registers a step; the number stands for it among a thread's words. */
export function step(name: string, run: Step): number {
  steps.push({ name, run });
  return steps.length - 1;
}

// What a thread is about to do
export const NOTHING = 0;
export const CALL = 1;
export const LOAD = 2;
export const STORE = 3;
export const XCHG = 4;
export const WAIT = 5; // Atomics.wait on its park word, not yet asleep
export const ASLEEP = 6; // in Atomics.wait
export const AWAIT = 7; // back in the event loop
export const HOLD = 8; // the supervisor's loop: goes on when its condition holds

// Status
export const UNBORN = 0;
export const RUNNING = 1;
export const FINISHED = 2; // its program is over; the thread lives
export const ENDED = 3; // met FENCED and stopped
export const DEAD = 4;

// The frame
const STATUS = 0;
const KIND = 1;
const TARGET = 2; // transition or address
const ARGS = 3; // … 8
const GO_ON = 9;
const BLOCK = 10; // block of a call under way
const ENTERED = 11; // the call has done its first atomic operation
const SLOT = 12;
const EPOCH = 13;
const OPS = 14; // address of its first operation
const AT = 15; // index into its program
const NOTIFIED = 16; // the pending waitAsync has resolved and is not yet renewed
const SWEPT = 17; // 0 alive or not yet looked at, 1 fenced, 2 the supervisor is done with it
const TIMER = 18; // the operation it waits for may time out
const CALL_WORDS = 20;
const REGISTERS = CALL_WORDS + FRAME_WORDS;
export const REGISTER_COUNT = 39;
const FRAME = REGISTERS + REGISTER_COUNT;

export class Thread {
  readonly index: number;
  readonly base: number;
  readonly world: World;
  readonly program: readonly Instruction[];
  readonly isAsync: boolean;
  readonly history: History;

  constructor(index: number, world: World, program: readonly Instruction[], isAsync: boolean, history: History) {
    this.history = history;
    this.index = index;
    this.base = MODEL_WORDS + 256 + index * FRAME;
    this.world = world;
    this.program = program;
    this.isAsync = isAsync;
  }

  private get(word: number): number {
    return this.world.m[this.base + word]!;
  }
  private put(word: number, value: number): void {
    this.world.set(this.base + word, value);
  }

  get status() {
    return this.get(STATUS);
  }
  set status(value: number) {
    this.put(STATUS, value);
  }
  get kind() {
    return this.get(KIND);
  }
  get target() {
    return this.get(TARGET);
  }
  get entered() {
    return this.get(ENTERED) === 1;
  }
  get slot() {
    return this.get(SLOT);
  }
  get epoch() {
    return this.get(EPOCH);
  }
  get ops() {
    return this.get(OPS);
  }
  set ops(value: number) {
    this.put(OPS, value);
  }
  get at() {
    return this.get(AT);
  }
  set at(value: number) {
    this.put(AT, value);
  }
  get instruction(): Instruction {
    return this.program[this.at]!;
  }
  get swept() {
    return this.get(SWEPT);
  }
  set swept(value: number) {
    this.put(SWEPT, value);
  }
  set timer(on: boolean) {
    this.put(TIMER, on ? 1 : 0);
  }
  get timer() {
    return this.get(TIMER) === 1;
  }
  get goOn() {
    return this.get(GO_ON);
  }
  get isAwaiting() {
    return this.kind === AWAIT;
  }
  get isOver() {
    return this.status === DEAD || this.status === ENDED;
  }
  get isFenced() {
    return this.world.m[(this.slot + L.SLOT_EPOCH) >> 2] !== this.epoch;
  }

  become(slot: number, epoch: number): void {
    this.put(SLOT, slot);
    this.put(EPOCH, epoch);
    this.status = RUNNING;
  }

  register(index: number): number {
    return this.get(REGISTERS + index);
  }
  setRegister(index: number, value: number): void {
    this.put(REGISTERS + index, value);
  }
  clearRegisters(from: number, to: number): void {
    for (let i = from; i < to; i++) this.put(REGISTERS + i, 0);
  }
  argument(index: number): number {
    return this.get(ARGS + index);
  }

  // ── Plain accesses of its JavaScript ──
  read(address: number): number {
    return this.world.ld(address);
  }
  write(address: number, value: number): void {
    this.world.st(address, value);
  }

  // ── Naming the next action ──
  private next(kind: number, target: number, goOn: number): void {
    this.put(KIND, kind);
    this.put(TARGET, target);
    this.put(GO_ON, goOn);
  }
  call(fn: number, goOn: number, a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0): void {
    this.next(CALL, fn, goOn);
    this.put(ARGS, a0);
    this.put(ARGS + 1, a1);
    this.put(ARGS + 2, a2);
    this.put(ARGS + 3, a3);
    this.put(ARGS + 4, a4);
    this.put(ARGS + 5, a5);
  }
  load(address: number, goOn: number): void {
    this.next(LOAD, address, goOn);
  }
  store(address: number, value: number, goOn: number): void {
    this.next(STORE, address, goOn);
    this.put(ARGS, value);
  }
  exchange(address: number, value: number, goOn: number): void {
    this.next(XCHG, address, goOn);
    this.put(ARGS, value);
  }
  /** Atomics.wait(park, PARK_BLOCKED). The result of the next step: 1 if it timed out. */
  wait(goOn: number): void {
    this.next(WAIT, this.slot + L.SLOT_PARK, goOn);
  }
  /** Back to the event loop until the pending waitAsync resolves (result 0) or the timer fires (1). */
  await(goOn: number): void {
    this.next(AWAIT, this.slot + L.SLOT_ASYNC_WORD, goOn);
    if (this.get(NOTIFIED) === 1) this.resume(0);
  }
  hold(goOn: number): void {
    this.next(HOLD, 0, goOn);
  }
  goTo(next: number): void {
    this.next(NOTHING, 0, 0);
    steps[next]!.run(this, 0);
  }
  stop(status: number): void {
    this.next(NOTHING, 0, 0);
    for (let i = 0; i < 6; i++) this.put(ARGS + i, 0);
    for (let i = 0; i < FRAME_WORDS; i++) this.put(CALL_WORDS + i, 0);
    this.setBlock(0, false);
    this.clearRegisters(0, REGISTER_COUNT);
    this.timer = false;
    this.status = status;
  }
  /** Stops it for good, wherever it stands (between two actions, or asleep). */
  die(): void {
    this.stop(DEAD);
    this.put(NOTIFIED, 0);
    this.put(AT, 0);
  }

  // ── Doing it ──
  resume(result: number): void {
    const next = this.goOn;
    if (this.kind === AWAIT && result === 0) this.put(NOTIFIED, 0); // renewed before anything else runs
    this.next(NOTHING, 0, 0);
    for (let i = 0; i < 6; i++) this.put(ARGS + i, 0);
    steps[next]!.run(this, result);
  }

  /** The sleeper of an address was notified. */
  notified(address: number): void {
    if (this.status !== RUNNING && this.status !== FINISHED) return;
    if (address === this.slot + L.SLOT_PARK) {
      if (this.kind === ASLEEP) this.resume(0);
    } else if (address === this.slot + L.SLOT_ASYNC_WORD && this.isAsync) {
      if (this.kind === AWAIT) this.resume(0);
      else this.put(NOTIFIED, 1);
    }
  }

  beginCall(block: number): void {
    for (let i = 0; i < 6; i++) this.put(ARGS + i, 0);
    this.put(BLOCK, block);
  }
  get block() {
    return this.get(BLOCK);
  }
  setBlock(block: number, entered: boolean): void {
    this.put(BLOCK, block);
    this.put(ENTERED, entered ? 1 : 0);
  }
  get callWords() {
    return this.base + CALL_WORDS;
  }
  wakeAndSleep(): void {
    this.put(KIND, ASLEEP);
  }

  /** Something that must not happen, seen from this thread's side. */
  fail(message: string): never {
    throw new Violation(`thread ${this.index}: ${message}`);
  }
}
