// Room in shared memory for one value of a channel of bytes, written in place by the sender.
//
// States   open → committed (the receiver's) │ discarded (free again). A commit that fails leaves it open.
// Crash    an open one is a private block of its thread, swept with it.

import { deadlineOf, type WaitOptions } from "../deadline.ts";
import { ChannelClosedError, HeddleError, invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";

/** What a reservation needs of its sender. */
interface Committer {
  tryBits(bits: number): number;
  waitBits(bits: number, options: WaitOptions | undefined): Promise<void>;
  waitBitsSync(bits: number, options: WaitOptions | undefined): void;
}

/**
 * Bytes to be written in place and then sent: `using room = out.reserve(65_536); fill(room.bytes); await room.commit()`.
 * Threads: the one that reserved it.
 */
export class Reservation {
  readonly #thread: Thread;
  readonly #sender: Committer;
  #block: number;
  #isCommitting = false;

  /** @internal */
  constructor(thread: Thread, lengthBytes: number, sender: Committer) {
    if (!Number.isInteger(lengthBytes) || lengthBytes < 0) throw invalidArg("reserve: lengthBytes", "a whole number from 0", lengthBytes);
    this.#thread = thread;
    this.#sender = sender;
    this.#block = thread.allocBytes("a reservation", lengthBytes);
  }

  /**
   * A view on the shared memory, valid until commit or discard: after that it shows, and would overwrite, what is no longer the sender's.
   * What it holds at first is not defined. Throws: ERR_RESERVATION_OVER.
   */
  get bytes(): Uint8Array {
    return this.#thread.bytesIn(this.#open());
  }

  /** Keeps only the first `lengthBytes`. Throws: ERR_INVALID_ARG for more than there are; ERR_RESERVATION_OVER. */
  truncate(lengthBytes: number): void {
    const block = this.#open();
    const most = this.#thread.bytesIn(block).byteLength;
    if (!Number.isInteger(lengthBytes) || lengthBytes < 0 || lengthBytes > most)
      throw invalidArg("truncate: lengthBytes", `a whole number from 0 to ${most}`, lengthBytes);
    this.#thread.truncate(block, lengthBytes);
  }

  /** Sends it if that needs no wait; false leaves it open. Throws: ChannelClosedError (it stays open), ERR_RESERVATION_OVER. */
  tryCommit(): boolean {
    const status = this.#sender.tryBits(this.#open());
    if (status === L.CLOSED) throw new ChannelClosedError("send on a closed channel");
    if (status === L.OK) this.#block = 0;
    return status === L.OK;
  }

  /** Sends it, waiting as send() does. Throws (rejects): as send; it stays open then, to be committed again or discarded. */
  async commit(options?: WaitOptions): Promise<void> {
    deadlineOf("commit", options);
    if (this.tryCommit()) return;
    this.#isCommitting = true;
    try {
      await this.#sender.waitBits(this.#block, options);
      this.#block = 0;
    } finally {
      this.#isCommitting = false;
    }
  }

  /** The same, blocking this thread. Throws also what sendSync throws. */
  commitSync(options?: WaitOptions): void {
    deadlineOf("commitSync", options);
    if (this.tryCommit()) return;
    this.#sender.waitBitsSync(this.#block, options);
    this.#block = 0;
  }

  /** Gives the room back. On one that is over: does nothing. Throws: ERR_RESERVATION_OVER while a commit waits. */
  discard(): void {
    if (this.#block === 0) return;
    const block = this.#open();
    this.#block = 0;
    if (!this.#thread.isClosed) this.#thread.free(block);
  }

  [Symbol.dispose](): void {
    if (!this.#isCommitting) this.discard();
  }

  #open(): number {
    if (this.#block !== 0 && !this.#isCommitting) return this.#block;
    throw new HeddleError(
      "ERR_RESERVATION_OVER",
      `expected an open reservation, and this one ${this.#isCommitting ? "is being committed" : "was committed or discarded"}`,
    );
  }
}
