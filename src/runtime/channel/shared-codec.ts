// The codec that carries handles of mutexes, wait groups and all other shared objects that are no channels.

import { invalidArg } from "../errors.ts";
import { classOf, codeOf, handleOfShared, openShared, Shared, type SharedClass } from "../operation/shared.ts";
import { type Codec, compose, openable, type WordCodec } from "./codec.ts";
import { carryAs } from "./wire.ts";

const EXT_SHARED = 0x5f;
const CODE = 24;
/** Five bits for what it is, and as many as the code of a class has. */
const CODE_BITS = 10;

/** Carries handles of one class: `rt.channel(syncOf(Mutex))`. Received views work on whichever thread receives them. */
export function syncOf<T extends Shared>(Class: SharedClass<T>): WordCodec<T> {
  const code = codeOf(Class);
  return {
    form: "word",
    lane: "Float64",
    name: `syncOf(${Class.name})`,
    codeOn: () => compose(CODE, code),
    codeBits: CODE_BITS,
    encode(value, thread) {
      if (!(value instanceof Class)) throw invalidArg("syncOf value", `a ${Class.name}`, value);
      return handleOfShared(value, thread);
    },
    decode: (bits, thread) => openShared(code, bits, thread) as T,
  };
}

openable(CODE, (code) => syncOf(classOf(code)) as unknown as Codec<unknown>);

carryAs<Shared, [code: number, handle: number]>(
  Shared,
  EXT_SHARED,
  (value, thread) => [codeOf(value.constructor), handleOfShared(value, thread)],
  ([code, handle], thread) => openShared(code, handle, thread),
);
