// Writing messages of calls, one after another, into memory that is used again.

import { PLAIN_BYTES, writePlain } from "../plain.ts";
import { HEADER_BYTES, PLAIN } from "./message.ts";

const FIRST_BYTES = 64 * 1024;

/** What is to be written of a call. */
export interface Outgoing {
  readonly ticket: number;
  readonly functionId: number;
  readonly form: number;
  /** Plain arguments, or the packed ones. */
  readonly args: readonly unknown[] | Uint8Array;
}

export class MessageWriter {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Begins a message that introduces the functions from `known` on. */
  begin(names: readonly string[], known: number): void {
    this.#length = 0;
    this.#reserve(2);
    this.#view.setUint16(0, names.length - known, true);
    this.#length = 2;
    for (let i = known; i < names.length; i++) this.#name(names[i]!);
  }

  #name(name: string): void {
    this.#reserve(2 + 3 * name.length);
    const written = this.#bytes.write(name, this.#length + 2, "utf8");
    this.#view.setUint16(this.#length, written, true);
    this.#length += 2 + written;
  }

  /** Valid until the next begin(). */
  get message(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  add({ ticket, functionId, form, args }: Outgoing): void {
    this.#reserve(HEADER_BYTES);
    const view = this.#view;
    const at = this.#length;
    view.setUint16(at, ticket, true);
    view.setUint16(at + 2, functionId, true);
    view.setUint8(at + 4, form);
    this.#length = at + HEADER_BYTES;
    if (form === PLAIN) {
      view.setUint8(at + 5, args.length);
      this.#reserve(PLAIN_BYTES * args.length);
      let end = this.#length;
      for (let i = 0; i < args.length; i++) end = writePlain(this.#view, end, args[i]);
      this.#length = end;
      return;
    }
    const packed = args as Uint8Array;
    this.#reserve(4 + packed.length);
    this.#view.setUint32(this.#length, packed.length, true);
    this.#bytes.set(packed, this.#length + 4);
    this.#length += 4 + packed.length;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  /** Gives memory back that one large message took. */
  trim(): void {
    if (this.#bytes.length <= 4 * FIRST_BYTES) return;
    this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.#view = new DataView(this.#bytes.buffer);
  }
}
