// Plain values as bytes: numbers, booleans, short text, null and undefined, each written as it is. What calls mostly carry costs no packing then.
//
// Memory   each: tag u8, value    (i32: 4 bytes · f64: 8 bytes · ASCII text: length u8, letters · others: nothing)

const UNDEFINED = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const I32 = 4;
const F64 = 5;
const ASCII = 6;
const OTHERS = [undefined, null, false, true];

const MOST_VALUES = 255;
/** Longer text is packed: what is copied letter by letter must be short. */
const MOST_LETTERS = 48;

/** A value takes no more than that. */
export const PLAIN_BYTES = 2 + MOST_LETTERS;

export function isPlain(value: unknown): boolean {
  const type = typeof value;
  if (type === "number" || type === "boolean" || value === undefined || value === null) return true;
  return type === "string" && isShortAscii(value as string);
}

/** They can be kept as they are until they are written: nobody can change them meanwhile. */
export function arePlain(values: readonly unknown[]): boolean {
  if (values.length > MOST_VALUES) return false;
  for (let i = 0; i < values.length; i++) if (!isPlain(values[i])) return false;
  return true;
}

function isShortAscii(text: string): boolean {
  if (text.length > MOST_LETTERS) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** Writes a plain value; answers where it ends. */
export function writePlain(view: DataView, at: number, value: unknown): number {
  if (typeof value === "number") {
    if ((value | 0) === value && !Object.is(value, -0)) {
      view.setUint8(at, I32);
      view.setInt32(at + 1, value, true);
      return at + 5;
    }
    view.setUint8(at, F64);
    view.setFloat64(at + 1, value, true);
    return at + 9;
  }
  if (typeof value === "string") {
    view.setUint8(at, ASCII);
    view.setUint8(at + 1, value.length);
    for (let i = 0; i < value.length; i++) view.setUint8(at + 2 + i, value.charCodeAt(i));
    return at + 2 + value.length;
  }
  view.setUint8(at, value === undefined ? UNDEFINED : value === null ? NULL : value === true ? TRUE : FALSE);
  return at + 1;
}

/** Reads plain values, one after another. */
export class PlainReader {
  readonly #view: DataView;
  readonly #bytes: Buffer;
  /** Where the next one is. */
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  next(): unknown {
    const view = this.#view;
    const { at } = this;
    const tag = view.getUint8(at);
    if (tag === I32) {
      this.at = at + 5;
      return view.getInt32(at + 1, true);
    }
    if (tag === F64) {
      this.at = at + 9;
      return view.getFloat64(at + 1, true);
    }
    if (tag === ASCII) {
      this.at = at + 2 + view.getUint8(at + 1);
      return this.#bytes.toString("latin1", at + 2, this.at);
    }
    this.at = at + 1;
    return OTHERS[tag];
  }

  /** So many of them. */
  many(count: number): unknown[] {
    const values = new Array<unknown>(count);
    for (let i = 0; i < count; i++) values[i] = this.next();
    return values;
  }
}
