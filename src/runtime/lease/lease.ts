// A lease: one job in the hands of one thread, until it is acknowledged or given back.
//
// States   running → acknowledged │ given back │ over (its time was up and somebody else has the job)

import { Wire } from "../channel/index.ts";
import { HeddleError } from "../errors.ts";
import type { JobRead } from "./job.ts";
import { giveBack, type Handed, type LeasedRecord } from "./leased-record.ts";

/**
 * A job that was handed out: `using lease = await queue.take()`.
 * Threads: the one that took it; if that thread dies the job is handed out again.
 */
export class Lease<T> {
  readonly value: T;
  /** The how manieth time this queue hands the job out: 1 at first. */
  readonly attempt: number;
  readonly #record: LeasedRecord;
  readonly #handed: Handed;
  readonly #failures: readonly Uint8Array[];
  #isHeld = true;

  /** @internal */
  constructor(record: LeasedRecord, handed: Handed, { value, attempt, failures }: JobRead<T>) {
    this.value = value;
    this.attempt = attempt;
    this.#record = record;
    this.#handed = handed;
    this.#failures = failures;
  }

  /**
   * Why the job came back before, oldest first, the last 16 at most: what was given to nack(), ThreadDiedError for a thread that died, TimeoutError for
   * a lease whose time was up. In a queue of dead letters: why it went there.
   */
  get causes(): unknown[] {
    const wire = Wire.of(this.#record.thread);
    return this.#failures.map((failure) => (failure.byteLength === 0 ? undefined : wire.decode(failure)));
  }

  /** Neither acknowledged nor given back here. Its time may be up all the same: ack() tells. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /**
   * The job is done: it is handed out no more.
   * Waits: never. Answers false if that does not count: acknowledged or given back before, or its time was up and the job is somebody else's.
   * Throws: ERR_CLOSED, FencedError. Cost: one transition, and one more to free a value that is no number.
   */
  ack(): boolean {
    if (!this.#isHeld) return false;
    this.#isHeld = false;
    return this.#record.acknowledge(this.#handed);
  }

  /**
   * Gives the job back, to be handed out again before all others; after as many attempts as the queue allows it goes to the dead letters.
   * Waits: never. Answers and throws as ack().
   */
  nack(error: unknown = new HeddleError("ERR_NOT_ACKNOWLEDGED", "the job was given back, and no reason was named")): boolean {
    if (!this.#isHeld) return false;
    this.#isHeld = false;
    const { thread, address } = this.#record;
    return giveBack(thread, address, this.#handed, Wire.of(thread).encodeError(error));
  }

  /** nack(), if it is still held and the runtime is open. */
  [Symbol.dispose](): void {
    if (this.#isHeld && !this.#record.thread.isClosed) {
      this.nack(new HeddleError("ERR_NOT_ACKNOWLEDGED", "the job was let go of without ack() or nack()"));
    }
  }
}
