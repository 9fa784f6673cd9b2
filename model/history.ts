// What happened so far, kept among the world's words: what was sent, received and run. Every event is checked against the properties as it comes.

import * as L from "../src/runtime/memory/layout.ts";
import * as WORD from "./history-words.ts";
import { channelsOf, type Instruction, type ModelCase, type SelectCase, sendCases } from "./program.ts";
import { blockClassBytes, CELL_BYTES, UNTOUCHED, valueAt } from "./records.ts";
import type { Thread } from "./thread.ts";
import { Violation, type World } from "./world.ts";

export class History {
  readonly world: World;
  readonly model: ModelCase;
  readonly hasTasks: boolean;
  readonly hasBlocks: boolean;
  threads: readonly Thread[] = [];
  readonly isBlocks = (channel: number) => this.model.blocks?.includes(channel) ?? false;
  readonly isCells = (channel: number) => this.model.cells?.includes(channel) ?? false;
  readonly strideOf = (channel: number) => (this.isCells(channel) ? CELL_BYTES : 8);
  readonly codecOf = (channel: number) => 7 + (this.isBlocks(channel) ? L.CODEC_BLOCKS : 0) + (this.isCells(channel) ? L.CODEC_CELLS : 0);
  /** Records passed over by the setup of an aged heap, by kind. */
  readonly skipped = new Map<number, number>();
  supervisor: Thread | undefined;
  startDeaths = 0;
  startFences = 0;
  /** Sender thread and channel of each value, or -1. */
  private readonly senderOf: number[] = new Array(16).fill(-1);
  isExact = true;
  private readonly channelOf: number[] = new Array(16).fill(-1);

  constructor(world: World, model: ModelCase) {
    this.world = world;
    this.model = model;
    this.hasBlocks = model.blocks !== undefined;
    this.hasTasks = model.threads.some(({ program }) => program.some((i) => i.do === "go" || i.do === "work" || i.do === "probe"));
    model.threads.forEach((plan, thread) => {
      for (const instruction of plan.program) {
        for (const { value, channel } of sendCases(instruction)) {
          if (value === undefined || value < 1 || value > 15 || this.senderOf[value] !== -1) {
            throw new Error(`${model.name}: each send case needs a value of its own between 1 and 15`);
          }
          this.senderOf[value] = thread;
          this.channelOf[value] = channel;
        }
      }
    });
  }
  private get(word: number): number {
    return this.world.m[word]!;
  }

  get deathsLeft() {
    return this.get(WORD.DEATHS);
  }
  set deathsLeft(count: number) {
    this.world.set(WORD.DEATHS, count);
  }
  get fencesLeft() {
    return this.get(WORD.FENCES);
  }
  set fencesLeft(count: number) {
    this.world.set(WORD.FENCES, count);
  }

  channel(index: number): number {
    return this.get(WORD.CHANNELS + 2 * index);
  }
  generation(index: number): number {
    return this.get(WORD.CHANNELS + 2 * index + 1);
  }
  capacity(index: number): number {
    return this.get(WORD.CAPACITIES + index);
  }
  madeChannel(index: number, address: number, generation: number, capacity: number): void {
    this.world.set(WORD.CAPACITIES + index, capacity);
    for (let other = 0; other < 6; other++) {
      if (other !== index && this.channel(other) === address && this.generation(other) === generation) {
        throw new Violation(`channel ${index} was made with the address and generation of channel ${other}`);
      }
    }
    this.world.set(WORD.CHANNELS + 2 * index, address);
    this.world.set(WORD.CHANNELS + 2 * index + 1, generation);
  }
  task(index: number): number {
    return this.get(WORD.TASKS + 2 * index);
  }
  taskGeneration(index: number): number {
    return this.get(WORD.TASKS + 2 * index + 1);
  }
  block(place: number): number {
    return this.get(WORD.BLOCKS + place);
  }
  setBlock(place: number, address: number): void {
    this.world.set(WORD.BLOCKS + place, address);
  }

  isClosed(index: number): boolean {
    const address = this.channel(index);
    const at = (offset: number) => this.get((address + offset) >> 2);
    if (at(L.CHANNEL_GEN) !== this.generation(index)) return true;
    return (at(L.CHANNEL_FLAGS) & L.FLAG_CLOSED) !== 0 && this.get(WORD.CLOSING + index) === 1;
  }
  /** From here on it may be closed. */
  closing(index: number): void {
    this.world.set(WORD.CLOSING + index, 1);
  }
  length(index: number): number {
    const address = this.channel(index);
    const send = this.get((address + L.CHANNEL_SEND_WORD) >> 2) & -2;
    const recv = this.get((address + L.CHANNEL_RECV_WORD) >> 2) & -2;
    return ((send - recv) | 0) >>> 1;
  }

  channelIsCurrent(index: number): boolean {
    return this.get((this.channel(index) + L.CHANNEL_GEN) >> 2) === this.generation(index);
  }

  /** A try form found nothing ready. Exact only where calls are atomic: then the last case must be truly not ready. */
  triedInVain(thread: number, { channel, direction }: SelectCase): void {
    if (!this.isExact || !this.channelIsCurrent(channel)) return;
    const address = this.channel(channel);
    const capacity = this.get((address + L.CHANNEL_CAPACITY) >> 2);
    const length = this.length(channel);
    const isReady = this.isClosed(channel) || (direction === L.SENDING ? length < capacity : length > 0);
    const peer = this.get((address + (direction === L.SENDING ? L.CHANNEL_RECV_HEAD : L.CHANNEL_SEND_HEAD)) >> 2);
    const hasPeer = peer !== 0 && this.get((this.get((peer + L.NODE_OP) >> 2) + L.OP_STATE) >> 2) === L.OP_WAITING;
    if (isReady || hasPeer) throw new Violation(`thread ${thread} found channel ${channel} not ready, and it is`);
  }

  sending(value: number): void {
    if (this.get(WORD.SENT + value) !== WORD.ACCEPTED) this.world.set(WORD.SENT + value, WORD.SENDING_NOW);
  }
  accepted(value: number): void {
    if (this.get(WORD.SENT + value) === WORD.REJECTED) throw new Violation(`value ${value} was rejected and then accepted`);
    this.world.set(WORD.SENT + value, WORD.ACCEPTED);
  }
  rejected(value: number): void {
    if (this.get(WORD.GOT + value) !== 0) throw new Violation(`value ${value} was received, and its send failed`);
    this.world.set(WORD.SENT + value, WORD.REJECTED);
  }
  /** `isInHand`: found in the hand of a dead thread, which counts as received by it unless it took it itself before. */
  received(value: number, thread: number, channel: number, isInHand = false): void {
    if (!Number.isInteger(value) || value < 1 || value > 15) throw new Violation(`thread ${thread} received ${value}, which nobody sent`);
    const before = this.get(WORD.GOT + value);
    if (isInHand && before === thread + 1) return;
    if (before !== 0) throw new Violation(`value ${value} was received twice, by threads ${before - 1} and ${thread}`);
    if (this.channelOf[value] !== channel) throw new Violation(`value ${value} was received from channel ${channel}`);
    const sent = this.get(WORD.SENT + value);
    if (sent === WORD.UNSENT || sent === WORD.REJECTED)
      throw new Violation(`value ${value} was received, and its send failed or had not begun`);
    for (let later = value + 1; later < 16; later++) {
      if (this.senderOf[later] !== this.senderOf[value] || this.channelOf[later] !== channel) continue;
      if (this.get(WORD.GOT + later) === thread + 1 && !isInHand)
        throw new Violation(`value ${value} was received after value ${later} of the same sender`);
    }
    this.world.set(WORD.GOT + value, thread + 1);
  }
  channelOfValue(value: number): number {
    return this.channelOf[value]!;
  }
  /** Records of a kind that were retired because their next generation would wrap. */
  retired(kind: number): number {
    return this.skipped.get(kind) ?? 0;
  }
  /** It has a private block for bulk calls and for cells on their way, as long as it lives. */
  hasBuffer(thread: number): boolean {
    const isOf = (i: Instruction) => i.do === "sendMany" || i.do === "recvMany" || channelsOf(i).some(this.isCells);
    return this.model.threads[thread]!.program.some(isOf);
  }
  keepsBlocks(thread: number): boolean {
    const { program } = this.model.threads[thread]!;
    const count = (kind: string) => program.filter((instruction) => instruction.do === kind).length;
    const beside = program.filter((i) => i.do === "go" && i.beside !== undefined).length;
    return this.hasBuffer(thread) || count("alloc") + beside > count("release");
  }
  sentState(value: number): number {
    return this.get(WORD.SENT + value);
  }
  gotBy(value: number): number {
    return this.get(WORD.GOT + value) - 1;
  }
  isValue(value: number): boolean {
    return (this.senderOf[value] ?? -1) !== -1;
  }

  private otherOwner(thread: number, channel: number, direction: number): number | undefined {
    return this.threads.findIndex(
      (t, other) => other !== thread && this.claimOf(other, channel, direction) !== 0 && t.status !== 0 && !t.isFenced,
    );
  }
  claimed(thread: number, channel: number, direction: number, end: number): void {
    const other = this.otherOwner(thread, channel, direction);
    if (other !== -1) throw new Violation(`threads ${other} and ${thread} both own a side of channel ${channel}`);
    this.world.set(WORD.CLAIMS + thread * 8 + channel * 2 + direction, end);
  }
  refusedClaim(thread: number, channel: number, direction: number, end: number): void {
    const own = this.claimOf(thread, channel, direction);
    if (own === end || (this.isExact && own === 0 && this.otherOwner(thread, channel, direction) === -1)) {
      throw new Violation(`thread ${thread} was refused a side of channel ${channel} that nobody else owns`);
    }
  }
  closedBy(channel: number, thread: number): void {
    const before = this.get(WORD.CLOSED_BY + channel);
    if (before !== 0) throw new Violation(`channel ${channel} was closed twice, by threads ${before - 1} and ${thread}`);
    this.world.set(WORD.CLOSED_BY + channel, thread + 1);
  }
  freed(channel: number, force: boolean): void {
    if (this.get(WORD.FORCED + channel) !== 0) throw new Violation(`channel ${channel} was freed twice`);
    this.world.set(WORD.FORCED + channel, force ? 2 : 1);
  }
  wasForced(channel: number): boolean {
    return this.get(WORD.FORCED + channel) === 2;
  }
  claimOf(thread: number, channel: number, direction: number): number {
    return this.get(WORD.CLAIMS + thread * 8 + channel * 2 + direction);
  }

  allocated(place: number, block: number, bytes: number): void {
    const end = (address: number) => address + blockClassBytes(this.get((address + L.BLOCK_CLASS) >> 2));
    if (end(block) - block < bytes + L.BLOCK_HEADER) throw new Violation(`a block for ${bytes} bytes has ${end(block) - block}`);
    for (let other = 0; other < 6; other++) {
      const taken = this.block(other);
      if (taken !== 0 && block < end(taken) && taken < end(block)) throw new Violation(`blocks ${other} and ${place} overlap`);
    }
    this.setBlock(place, block);
  }

  forgetBlocks(thread: number): void {
    for (const instruction of this.model.threads[thread]!.program) {
      if (instruction.do === "alloc") this.setBlock(instruction.place, 0);
      else if (instruction.do === "go" && instruction.beside !== undefined) this.setBlock(instruction.beside, 0);
    }
  }

  /** A dead thread's receive was fired and never taken: received by the dead. */
  handed(thread: number, op: number, state: number): void {
    if (this.model.queues !== undefined) return; // what it was handed is leased
    if ((((state - L.OP_FIRED) >> 1) & 1) !== L.RECEIVING || (state & 1) !== 0) return;
    const node = op + ((state - L.OP_FIRED) >> 2) * L.OP_SIZE + L.OP_NODE;
    const cell = this.get((node + L.NODE_VALUE) >> 2);
    const isCell = this.get((node + L.NODE_VALUE + 4) >> 2) === 0 && cell !== 0;
    const value = isCell ? valueAt(this.world, cell, CELL_BYTES) : valueAt(this.world, op + L.OP_VALUE);
    if (Number.isNaN(value) || value === UNTOUCHED) return; // it had taken it
    this.received(value, thread, this.channelOf[value] ?? -1, true);
  }

  /**
   * Which task a record stands for just now, or -1: asked before it is collected, for afterwards the record may be another's. It was started by this
   * thread, or by one that is gone.
   */
  pendingTask(record: number, thread: number): number {
    const pending = [0, 1, 2, 3, 4, 5].filter((k) => this.isGone(k) && this.task(k) === record && this.outcome(k) === 0);
    return pending.find((k) => this.starterOf(k) === thread) ?? pending.find((k) => this.threads[this.starterOf(k)]!.isOver) ?? -1;
  }

  starterOf(index: number): number {
    return this.get(WORD.GONE + index) - 1;
  }
  taskGone(index: number, starter: number, address: number, generation: number): void {
    this.world.set(WORD.TASKS + 2 * index, address);
    this.world.set(WORD.TASKS + 2 * index + 1, generation);
    this.world.set(WORD.GONE + index, starter + 1);
  }
  isGone(index: number): boolean {
    return this.get(WORD.GONE + index) !== 0;
  }
  refusedToReserve(thread: number, count: number): void {
    const at = (offset: number) => this.get((L.QUEUE_DEDICATED_AT + offset) >> 2);
    if (this.isExact && at(L.QUEUE_BUSY) + count <= at(L.QUEUE_LIMIT)) throw new Violation(`thread ${thread} was refused what is free`);
  }
  get liveTasks(): number {
    return this.get((L.LIVE_AT + L.LIVE_TASKS) >> 2);
  }
  /** Exact only where calls are atomic: a wake that was just given has not been used up yet. */
  supervisorIsAwake(thread: number, why: string): void {
    if (this.isExact && this.supervisor?.isAwaiting) throw new Violation(`thread ${thread}: ${why}, and the supervisor was not woken`);
  }
  taskRan(index: number): void {
    if (this.get(WORD.RAN + index) !== 0) throw new Violation(`task ${index} ran twice`);
    if (this.get(WORD.OUTCOME + index) !== 0) throw new Violation(`task ${index} ran after it had ended`);
    this.world.set(WORD.RAN + index, 1);
  }
  taskEnded(index: number, outcome: number): void {
    if (this.get(WORD.OUTCOME + index) !== 0) throw new Violation(`task ${index} ended twice`);
    const ran = this.get(WORD.RAN + index) !== 0;
    if (outcome !== L.OUTCOME_RESULT && outcome !== L.OUTCOME_DIED && outcome !== L.OUTCOME_CANCELLED)
      throw new Violation(`task ${index} ended with ${outcome}`);
    if (outcome === L.OUTCOME_DIED && this.threads.every((t) => t.swept === 0)) throw new Violation(`task ${index} died, and nobody did`);
    if (outcome === L.OUTCOME_CANCELLED && ran) throw new Violation(`task ${index} ran and was cancelled`);
    if (outcome === L.OUTCOME_RESULT && !ran) throw new Violation(`task ${index} has a result and never ran`);
    this.world.set(WORD.OUTCOME + index, outcome + 1);
  }
  outcome(index: number): number {
    return this.get(WORD.OUTCOME + index);
  }
  ran(index: number): boolean {
    return this.get(WORD.RAN + index) !== 0;
  }
}
