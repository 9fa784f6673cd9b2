// Structs: objects of a fixed layout, whose fields lie in the ring itself.

import { HeddleError, invalidArg } from "../errors.ts";
import type { SharedHeap } from "../memory/heap.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import { type CellCodec, type Codec, codecOf, compose, isCodec, openable, type WordCodec } from "./codec.ts";
import { schemaNumber, schemaText } from "./schema.ts";
import { compile, type Field } from "./struct-code.ts";

/** Names and codecs of fixed size: numbers, bool, i64, u64, channels and their ends, other structs. */
export type StructFields = { readonly [name: string]: WordCodec<unknown> | CellCodec<unknown> };

/** The object that a struct of these fields carries. */
export type StructValue<F extends StructFields> = { [K in keyof F]: F[K] extends Codec<infer T> ? T : never };

interface StructCodec<T> extends CellCodec<T> {
  /** Address-free, as they lie in a cell. */
  readonly fields: readonly Field[];
}

const CODE = 18;
const CODE_BITS = 15;

/**
 * Carries objects of these fields; other properties are not looked at. The fields lie in the order given, each aligned to its own size, in the ring
 * itself: nothing is allocated but the received object.
 * Throws: ERR_INVALID_ARG for no field, a codec without a fixed size (utf8, bytes, structured) or more than 1,024 bytes; a send throws it with the path
 * of the field that does not fit.
 * Cost: two property accesses a field, and a copy each way. A different layout is kept in the shared heap once, for the life of the runtime; at most 1,024 of them.
 */
export function struct<F extends StructFields>(fields: F): CellCodec<StructValue<F>> {
  if (typeof fields !== "object" || fields === null) throw invalidArg("struct", "an object of field names and codecs", fields);
  return make(layOut(Object.entries(fields) as [string, FieldCodec][])) as unknown as CellCodec<StructValue<F>>;
}

type FieldCodec = WordCodec<unknown> | CellCodec<unknown> | StructCodec<unknown>;

const LANE_BYTES = { Float64: 8, Float32: 4, Int8: 1, Uint8: 1, Int16: 2, Uint16: 2, Int32: 4, Uint32: 4 };

interface Layout {
  readonly fields: readonly Field[];
  readonly strideBytes: number;
}

function layOut(entries: readonly [string, FieldCodec][]): Layout {
  let end = 0;
  const place = (bytes: number, align: number): number => {
    const offset = Math.ceil(end / align) * align;
    end = offset + bytes;
    return offset;
  };
  const fields = entries.map(([name, codec]): Field => {
    if (name === "__proto__") throw invalidArg("struct", "field names other than __proto__", name);
    if (!isCodec(codec) || (codec as Codec<unknown>).form === "block")
      throw invalidArg(`struct: ${name}`, "a codec of fixed size, such as f64", isCodec(codec) ? codec.name : codec);
    if (codec.form === "word") return { name, codec, offset: place(LANE_BYTES[codec.lane], LANE_BYTES[codec.lane]) };
    const offset = place(codec.strideBytes, 8);
    return "fields" in codec ? { name, offset, fields: shift(codec.fields, offset) } : { name, codec, offset };
  });
  if (fields.length === 0) throw invalidArg("struct", "at least one field", "none");
  if (end > L.CELL_MAX)
    throw invalidArg("struct", `fields of at most ${L.CELL_MAX} bytes; structured() carries larger values`, `${end} bytes`);
  return { fields, strideBytes: Math.ceil(end / 8) * 8 };
}

function shift(fields: readonly Field[], by: number): Field[] {
  return fields.map((field): Field => {
    const offset = field.offset + by;
    return field.fields ? { ...field, offset, fields: shift(field.fields, by) } : { ...field, offset };
  });
}

function make({ fields, strideBytes }: Layout): StructCodec<unknown> {
  const code = compile(fields);
  const codes = new WeakMap<SharedHeap, number>();
  return {
    form: "cell",
    name: `struct(${fields.map(({ name }) => name).join(", ")})`,
    fields,
    strideBytes,
    codeBits: CODE_BITS,
    codeOn(thread) {
      let found = codes.get(thread.heap);
      if (found === undefined) {
        found = compose(CODE, schemaNumber(thread, JSON.stringify(describeFields(fields, thread))));
        codes.set(thread.heap, found);
      }
      return found;
    },
    write(value, address, thread) {
      try {
        code.write(value, address, thread);
      } catch (error) {
        throw located(fields, value, thread, "struct value") ?? error;
      }
    },
    read: (address, thread) => code.read(address, thread),
  };
}

/** The first field that does not fit, by its path. */
function located(fields: readonly Field[], value: unknown, thread: Thread, path: string): HeddleError | undefined {
  if (typeof value !== "object" || value === null) return invalidArg(path, "an object", value);
  for (const field of fields) {
    const inner = (value as Record<string, unknown>)[field.name];
    const at = `${path}.${field.name}`;
    if (field.fields) {
      const found = located(field.fields, inner, thread, at);
      if (found) return found;
      continue;
    }
    try {
      if (field.codec.form === "word") field.codec.encode(inner, thread);
      else field.codec.write(inner, thread.workspace.cell, thread);
    } catch (cause) {
      if (cause instanceof HeddleError) return new HeddleError(cause.code, `${at}: ${cause.message}`, { cause });
      throw cause;
    }
  }
  return undefined;
}

type Description = (readonly [name: string, codeOrFields: number | Description])[];

function describeFields(fields: readonly Field[], thread: Thread): Description {
  return fields.map((field) => [field.name, field.fields ? describeFields(field.fields, thread) : field.codec.codeOn(thread)] as const);
}

const opened = new WeakMap<SharedHeap, Map<number, StructCodec<unknown>>>();

openable(CODE, (number, thread) => {
  let codecs = opened.get(thread.heap);
  if (!codecs) {
    codecs = new Map();
    opened.set(thread.heap, codecs);
  }
  let codec = codecs.get(number);
  if (!codec) {
    codec = fromDescription(JSON.parse(schemaText(thread, number)) as Description, thread);
    codecs.set(number, codec);
  }
  return codec;
});

function fromDescription(description: Description, thread: Thread): StructCodec<unknown> {
  const entries = description.map(
    ([name, of]) =>
      [name, typeof of === "number" ? (codecOf(of, thread) as FieldCodec) : fromDescription(of, thread)] as [string, FieldCodec],
  );
  return make(layOut(entries));
}
