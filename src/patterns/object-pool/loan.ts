// Loan: an object in the hands of a borrower, until it is put back or taken away.

import { HeddleError } from "../../runtime/errors.ts";
import type { Item } from "./item.ts";

/** How a loan ends: the object is used again, or it is destroyed. */
export type Back = (isSound: boolean) => void;

/** `using loan = await pool.get()`: put back at the end of the block. */
export class Loan<T> {
  readonly value: T;
  /** The how manieth loan of this object: 1 at first. */
  readonly use: number;
  #back: Back | undefined;
  #why = "it was put back before";
  readonly #atEnd: (() => void)[] = [];

  /** @internal */
  constructor(item: Item<T>, back: Back) {
    this.value = item.object;
    this.use = item.uses;
    this.#back = back;
  }

  /** Not yet put back, destroyed or taken away. */
  get isHeld(): boolean {
    return this.#back !== undefined;
  }

  /** Gives it back, to be lent again; in a closed pool it is destroyed. Waits: never. Throws: ERR_NOT_HELD the second time, and once it was taken away. */
  put(): void {
    this.#end()(true);
  }

  /** Gives it back as unusable: it is destroyed, and there is room for another. Throws as put(). */
  discard(): void {
    this.#end()(false);
  }

  /** put(), if it is still held. */
  [Symbol.dispose](): void {
    if (this.isHeld) this.put();
  }

  /** @internal */
  atEnd(end: () => void): void {
    if (this.isHeld) this.#atEnd.push(end);
    else end();
  }

  /** @internal Its time is up, or its borrower is gone: destroyed, whatever the borrower still does with it. */
  takeAway(why: string): void {
    if (!this.isHeld) return;
    const back = this.#end();
    this.#why = why;
    back(false);
  }

  #end(): Back {
    const back = this.#back;
    if (!back) throw new HeddleError("ERR_NOT_HELD", `the object is not lent to this borrower any more: ${this.#why}`);
    this.#back = undefined;
    for (const end of this.#atEnd) end();
    return back;
  }
}
