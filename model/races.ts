// Data races of plain accesses. Between two of its atomic operations a thread's plain accesses run as one piece with the operation before them; in
// truth they may still be under way when others act. So: whatever a thread touched since its last atomic operation must not be touched by the
// next piece of another thread, unless both only read. Over all interleavings this finds every race that a sequentially consistent run can show
// (two conflicting accesses with nothing between them).

import * as L from "../src/runtime/memory/layout.ts";
import type { Scene } from "./build.ts";
import { indexOf } from "./interpreter.ts";
import * as T from "./thread.ts";
import { HEAP_BYTES, Violation } from "./world.ts";

interface Piece {
  accesses: readonly number[];
  /** The transition it belongs to, or −1. */
  fn: number;
  hash: number;
}
const chanMake = indexOf("chanMake");
const taskCancel = indexOf("taskCancel");
const sweepSlot = indexOf("sweepSlot");
const [keyTake, keyDrop] = [indexOf("keyTake"), indexOf("keyDrop")];
const NOTHING: Piece = { accesses: [], fn: -1, hash: 0 };

/** Plain words that may be read while another thread writes them, by design: each is judged again under a lock before it is acted on. */
export const benign = {
  /** taskCancel reads which queue a task record belongs to before it can lock that queue. */
  taskQueue: true,
  /** taskCancel reads the generation of a record that may be collected meanwhile: only if it saw it QUEUED before does the generation decide. */
  taskGeneration: true,
  /** The supervisor (and a fenced thread) look whether a node is linked; unlink decides under both words. */
  nodeChannel: true,
  /** The supervisor looks whether a node waits or holds; syncRelease and syncServe decide under the record's lock. */
  nodeSync: true,
  /** Whoever looks for a key reads whether a record that stands for one was freed: that never comes back, and who uses the record finds out. */
  keyed: true,
  /** sweepSlot reads which idle list the dead thread stands in, and looks again under that queue's lock. */
  idleQueue: true,
  /**
   * Whoever drops a dead operation's node is still inside its call when the supervisor sees the node unlinked, frees the chunk, and an heir zeroes it.
   * Clearing NODE_CHANNEL is the dropper's last access to the node and the operation, unless it has claimed it, and then the sweep waits for FIRED.
   */
  droppedNode: true,
  /** chanMake fills a freed record while a call through an old handle, which compares generations, may still read it. */
  freedChannel: true,
};

export class RaceCheck {
  private readonly scene: Scene;
  /** For each depth of the search, the last piece of every thread. */
  private readonly stack: Piece[][];
  hash = 0;

  constructor(scene: Scene) {
    this.scene = scene;
    this.stack = [scene.threads.map(() => NOTHING)];
  }

  private fn = -1;
  private unborn = 0;

  private countUnborn(): number {
    let count = 0;
    for (const t of this.scene.threads) if (t.status === T.UNBORN) count += 1;
    return count;
  }

  begin(depth: number, thread: number): void {
    const t = this.scene.threads[thread]!;
    this.fn = t.kind === T.CALL ? t.target : -1;
    this.stack.length = depth + 1;
    this.unborn = this.countUnborn();
    this.scene.world.accesses = [];
    this.scene.world.isPlainPoint = false;
  }

  end(depth: number, thread: number, isFault: boolean): void {
    const { world, threads } = this.scene;
    const accesses = [...new Set(world.accesses)];
    world.accesses = undefined;
    const before = this.stack[depth]!;
    const after = before.slice();
    for (let other = 0; other < before.length; other++) {
      if (other === thread) continue;
      for (const theirs of before[other]!.accesses) {
        for (const ours of accesses) {
          if (theirs >>> 1 !== ours >>> 1 || (theirs & 1) + (ours & 1) === 0) continue;
          const [first, second] = [before[other]!.fn, this.fn];
          const [writer, reader] = theirs & 1 ? [first, second] : [second, first];
          if (this.isBenign(theirs >>> 1, theirs, ours, writer, reader, this.isHeir(other) || this.isHeir(thread))) continue;
          throw new Violation(
            `race: threads ${other} and ${thread} touch address ${theirs >>> 1} at once (${theirs & 1 ? "write" : "read"}, ${ours & 1 ? "write" : "read"})`,
          );
        }
      }
    }
    if (world.isPlainPoint) accesses.push(...before[thread]!.accesses);
    if (!isFault) after[thread] = { accesses, fn: this.fn, hash: hashOf(thread, accesses) };
    // An exit is seen by the supervisor, and a thread begins after the supervisor has started it: both order what came before.
    if (threads[thread]!.isOver || this.countUnborn() !== this.unborn) after[thread] = NOTHING;
    this.stack[depth + 1] = after;
    this.hash = after.reduce((sum, piece) => (sum + piece.hash) | 0, 0);
  }

  private isHeir(thread: number): boolean {
    return this.scene.model.threads[thread]?.replacement === true;
  }

  private isBenign(address: number, theirs: number, ours: number, writer: number, reader: number, isHeir: boolean): boolean {
    if (benign.droppedNode && isHeir && address >= L.RECORDS_AT && this.scene.world.inRecord(address)) return true;
    if ((theirs & 1) + (ours & 1) === 2 || address >= HEAP_BYTES) return false;
    const offset = address - L.RECORDS_AT;
    if (
      benign.idleQueue &&
      offset < 0 &&
      address >= L.SLOTS_AT &&
      (address & (L.SLOT_SIZE - 1)) === L.SLOT_IDLE_QUEUE &&
      reader === sweepSlot
    )
      return true;
    if (benign.keyed && (reader === keyTake || reader === keyDrop) && (address & 127) === L.SYNC_GEN && offset >= 0) return true;
    if (benign.nodeSync && (address & 127) === L.OP_NODE + L.NODE_SYNC && offset >= 0) return true;
    if (benign.nodeChannel && (address & 127) === L.OP_NODE + L.NODE_CHANNEL && offset >= 0) return true;
    if (benign.freedChannel && writer === chanMake && offset >= 0) return true;
    if (benign.taskGeneration && reader === taskCancel && (address & 127) === L.TASK_GEN && offset >= 0) return true;
    return benign.taskQueue && (address & 127) === L.TASK_QUEUE && offset >= 0;
  }
}

function hashOf(thread: number, accesses: readonly number[]): number {
  let sum = 0;
  for (const access of accesses) {
    let x = Math.imul(access ^ (thread << 27), 0x9e3779b1);
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
    sum = (sum + (x ^ (x >>> 13))) | 0;
  }
  return sum;
}
