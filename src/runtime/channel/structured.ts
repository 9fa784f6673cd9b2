// The default codec: any structured value.

import type { BlockCodec } from "./codec.ts";
import { Wire } from "./wire.ts";

const codec: BlockCodec<unknown> = {
  form: "block",
  name: "structured",
  code: 17,
  encode: (value, thread) => Wire.of(thread).encode("value", value),
  decode: (bytes, thread) => Wire.of(thread).decode(bytes),
};

/**
 * Carries any structured value: plain data, undefined, Date, Map, Set, RegExp, bigint, typed arrays, cycles, errors whole, channels and their ends.
 * Throws ERR_UNSENDABLE with the path to what cannot cross. Cost: about a microsecond and a copy each way for a small object.
 */
export function structured<T>(): BlockCodec<T> {
  return codec as BlockCodec<T>;
}
