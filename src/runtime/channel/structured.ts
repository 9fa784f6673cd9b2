// The default codec: any structured value.

import { carryValuesBy } from "../operation/values.ts";
import { type BlockCodec, type Codec, openable } from "./codec.ts";
import type { Sendable } from "./sendable.ts";
import { Wire } from "./wire.ts";

const CODE = 17;

const codec: BlockCodec<unknown> = {
  form: "block",
  name: "structured",
  codeOn: () => CODE,
  codeBits: 5,
  encode: (value, thread) => Wire.of(thread).encode("value", value),
  decode: (bytes, thread) => Wire.of(thread).decode(bytes),
};

openable(CODE, () => codec as Codec<unknown>);
carryValuesBy({
  encode: (what, value, thread) => Wire.of(thread).encode(what, value),
  decode: (bytes, thread) => Wire.of(thread).decode(bytes),
});

/**
 * Carries any structured value: plain data, undefined, Date, Map, Set, RegExp, bigint, typed arrays, cycles, errors whole, channels and their ends.
 * Throws ERR_UNSENDABLE with the path to what cannot cross. Cost: about a microsecond and a copy each way for a small object.
 */
export function structured<T>(): BlockCodec<Sendable<T>> {
  return codec as BlockCodec<Sendable<T>>;
}
