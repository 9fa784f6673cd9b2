// Reading messages of calls.

import { PlainReader } from "../plain.ts";
import { HEADER_BYTES, PLAIN } from "./message.ts";

export class MessageReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #values: PlainReader;
  #at: number;
  ticket = 0;
  functionId = 0;
  form = PLAIN;

  /** Functions the message introduces are added to `names`. */
  constructor(message: Uint8Array, names: string[]) {
    this.#bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    this.#view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    this.#values = new PlainReader(message);
    this.#at = 2;
    for (let left = this.#view.getUint16(0, true); left > 0; left--) {
      const length = this.#view.getUint16(this.#at, true);
      this.#at += 2 + length;
      names.push(this.#bytes.toString("utf8", this.#at - length, this.#at));
    }
  }

  /** Goes to the next call; false after the last. Its arguments must be read, or skipped by skip(), before the next. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    const view = this.#view;
    this.ticket = view.getUint16(this.#at, true);
    this.functionId = view.getUint16(this.#at + 2, true);
    this.form = view.getUint8(this.#at + 4);
    this.#at += HEADER_BYTES;
    return true;
  }

  plain(): unknown[] {
    const values = this.#values;
    values.at = this.#at;
    const args = values.many(this.#view.getUint8(this.#at - 1));
    this.#at = values.at;
    return args;
  }

  packed(): Uint8Array {
    const start = this.#at + 4;
    this.#at = start + this.#view.getUint32(this.#at, true);
    return new Uint8Array(this.#bytes.subarray(start, this.#at)); // a copy: what is read from it may be a view on it
  }

  skip(): void {
    if (this.form === PLAIN) this.plain();
    else this.packed();
  }
}
