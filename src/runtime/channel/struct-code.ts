// Code that writes and reads one layout of a struct: generated, since property access by literal name is some five times as fast as by a name in a
// variable; walked field by field where the process forbids code from strings.

import type { Thread } from "../memory/thread.ts";
import type { CellCodec, WordCodec } from "./codec.ts";

/** A field as it lies in the cell; those of a struct inside lie among them, with its fields instead of a codec. */
export type Field = { readonly name: string; readonly offset: number } & (
  | { readonly codec: WordCodec<unknown> | CellCodec<unknown>; readonly fields?: undefined }
  | { readonly fields: readonly Field[] }
);

export interface StructCode {
  /** Reads every property, then checks and writes every field. Throws what the field's codec throws, or a TypeError where no object is. */
  write(value: unknown, address: number, thread: Thread): void;
  read(address: number, thread: Thread): unknown;
}

export function compile(fields: readonly Field[]): StructCode {
  try {
    return generate(fields);
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    return walk(fields); // node --disallow-code-generation-from-strings
  }
}

function generate(fields: readonly Field[]): StructCode {
  const codecs: unknown[] = [];
  const reads: string[] = []; // of properties
  const writes: string[] = []; // of fields
  let objects = 0;

  const visit = (list: readonly Field[], object: string): string => {
    const parts = list.map((field) => {
      const name = JSON.stringify(field.name);
      if (field.fields) {
        const inner = `object${objects++}`;
        reads.push(`const ${inner} = ${object}[${name}];`);
        return `${name}: ${visit(field.fields, inner)}`;
      }
      const { codec, offset } = field;
      const n = codecs.push(codec) - 1;
      const at = `address + ${offset}`;
      reads.push(`const value${n} = ${object}[${name}];`);
      if (codec.form === "cell") {
        writes.push(`codec${n}.write(value${n}, ${at}, thread);`);
        return `${name}: codec${n}.read(${at}, thread)`;
      }
      writes.push(`view.set${codec.lane}(${at}, codec${n}.encode(value${n}, thread), true);`);
      return `${name}: codec${n}.decode(view.get${codec.lane}(${at}, true), thread)`;
    });
    return `{ ${parts.join(", ")} }`;
  };
  const literal = visit(fields, "value");
  const body = `"use strict";
    return {
      write(value, address, thread) { const { view } = thread.heap; ${reads.join(" ")} ${writes.join(" ")} },
      read(address, thread) { const { view } = thread.heap; return ${literal}; },
    };`;
  return new Function(...codecs.map((_, n) => `codec${n}`), body)(...codecs) as StructCode;
}

/** The same, field by field. */
export function walk(fields: readonly Field[]): StructCode {
  const collect = (list: readonly Field[], value: unknown, values: unknown[]): void => {
    for (const field of list) {
      const property = (value as Record<string, unknown>)[field.name];
      if (field.fields) collect(field.fields, property, values);
      else values.push(property);
    }
  };
  const leaves: { offset: number; codec: WordCodec<unknown> | CellCodec<unknown> }[] = [];
  const flatten = (list: readonly Field[]) => {
    for (const field of list) field.fields ? flatten(field.fields) : leaves.push(field);
  };
  flatten(fields);
  const read = (list: readonly Field[], address: number, thread: Thread): unknown =>
    Object.fromEntries(
      list.map((field) => [field.name, field.fields ? read(field.fields, address, thread) : readField(field, address, thread)]),
    );
  return {
    write(value, address, thread) {
      const values: unknown[] = [];
      collect(fields, value, values);
      for (const [n, { codec, offset }] of leaves.entries()) {
        if (codec.form === "cell") codec.write(values[n], address + offset, thread);
        else thread.heap.view[`set${codec.lane}`](address + offset, codec.encode(values[n], thread), true);
      }
    },
    read: (address, thread) => read(fields, address, thread),
  };
}

function readField({ codec, offset }: Field & { fields?: undefined }, address: number, thread: Thread): unknown {
  if (codec.form === "cell") return codec.read(address + offset, thread);
  return codec.decode(thread.heap.view[`get${codec.lane}`](address + offset, true), thread);
}
