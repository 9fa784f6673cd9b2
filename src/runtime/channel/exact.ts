// What MessagePack has no form for: −0, and arrays with holes. Values that contain either are packed as a copy in which stand-ins take their place. Text
// with a lone surrogate, which would arrive changed, is refused.
// The look for them costs some 10 ns a property; the copy is rare.

import { addExtension } from "msgpackr/pack";
import { HeddleError } from "../errors.ts";
import { Shared } from "../operation/shared.ts";

const EXT_MINUS_ZERO = 0x57;
const EXT_HOLES = 0x58;
/** Values looked at before those seen are remembered, which costs more and ends cycles. */
const LOOKS = 1_000;

class MinusZero {}
const MINUS_ZERO = new MinusZero();

/** An array with holes: its length, and what is there. */
class Holes {
  readonly length: number;
  readonly present: [index: number, value: unknown][];
  constructor(length: number, present: [number, unknown][]) {
    this.length = length;
    this.present = present;
  }
}

addExtension({ Class: MinusZero, type: EXT_MINUS_ZERO, write: () => 0, read: () => -0 } as never);
addExtension({
  Class: Holes,
  type: EXT_HOLES,
  write: ({ length, present }: Holes) => [length, ...present.flat()],
  read: ([length, ...flat]: [number, ...unknown[]]) => {
    const array = new Array<unknown>(length);
    for (let i = 0; i < flat.length; i += 2) array[flat[i] as number] = flat[i + 1];
    return array;
  },
} as never);

/** Classes that cross by a form of their own and are not looked into. */
const CLOSED_CLASSES = new Set<unknown>([Date, RegExp, ArrayBuffer, SharedArrayBuffer, Promise, WeakMap, WeakSet, WeakRef]);

/** Says that the instances of a class cross by a form of their own. */
export function lookNotInto(Class: unknown): void {
  CLOSED_CLASSES.add(Class);
}

function isOpen(value: object): boolean {
  return !ArrayBuffer.isView(value) && !(value instanceof Error || value instanceof Shared) && !CLOSED_CLASSES.has(value.constructor);
}

/** Says of an object that holds text with a lone surrogate only that it does; whoever knows the path says where. */
class LoneSurrogate extends Error {}

/**
 * The value, or a copy of it to be packed in its place. Throws ERR_UNSENDABLE for an array with holes that contains itself, LoneSurrogate. The names of
 * properties are not looked at.
 */
export function exact(value: unknown): unknown {
  if (typeof value === "string" && !value.isWellFormed()) throw new LoneSurrogate();
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? MINUS_ZERO : value;
  return new Look().finds(value) ? copy(value, new Map()) : value;
}

class Look {
  #left = LOOKS;
  #seen: Set<object> | undefined;

  finds(value: unknown): boolean {
    if (typeof value === "number") return Object.is(value, -0);
    if (typeof value === "string") {
      if (value.isWellFormed()) return false;
      throw new LoneSurrogate();
    }
    if (typeof value !== "object" || value === null) return false;
    if (--this.#left < 0) {
      this.#seen ??= new Set();
      if (this.#seen.has(value)) return false;
      this.#seen.add(value);
    }
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) {
        const item: unknown = value[i];
        if (item === undefined ? !(i in value) : this.finds(item)) return true;
      }
      return false;
    }
    if (!isOpen(value)) return false;
    if (value instanceof Map) {
      for (const [key, inner] of value) if (this.finds(key) || this.finds(inner)) return true;
      return false;
    }
    if (value instanceof Set) {
      for (const inner of value) if (this.finds(inner)) return true;
      return false;
    }
    for (const key in value) if (this.finds((value as Record<string, unknown>)[key])) return true;
    return false;
  }
}

function copy(value: unknown, copies: Map<object, unknown>): unknown {
  if (typeof value === "number") return Object.is(value, -0) ? MINUS_ZERO : value;
  if (typeof value !== "object" || value === null || (!Array.isArray(value) && !isOpen(value))) return value;
  const known = copies.get(value);
  if (known === COPYING) throw new HeddleError("ERR_UNSENDABLE", "an array with holes that contains itself cannot be sent");
  if (known !== undefined) return known;
  const keep = <T>(made: T): T => {
    copies.set(value, made);
    return made;
  };
  if (Array.isArray(value)) {
    const indexes = Object.keys(value).filter((key) => /^\d+$/.test(key)); // its other properties do not cross, here or anywhere
    if (indexes.length === value.length) {
      const made: unknown[] = keep([]);
      for (const inner of value) made.push(copy(inner, copies));
      return made;
    }
    keep(COPYING);
    return keep(
      new Holes(
        value.length,
        indexes.map((index) => [Number(index), copy(value[Number(index)], copies)]),
      ),
    );
  }
  if (value instanceof Map) {
    const made = keep(new Map<unknown, unknown>());
    for (const [key, inner] of value) made.set(copy(key, copies), copy(inner, copies));
    return made;
  }
  if (value instanceof Set) {
    const made = keep(new Set<unknown>());
    for (const inner of value) made.add(copy(inner, copies));
    return made;
  }
  const made = keep(Object.create(Object.getPrototypeOf(value) as object | null) as Record<string, unknown>);
  for (const key of Object.keys(value)) made[key] = copy((value as Record<string, unknown>)[key], copies);
  return made;
}

const COPYING = Symbol("copying");
