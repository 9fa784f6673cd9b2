// The codec that carries handles of mutexes, wait groups and all other shared objects that are no channels.

import { invalidArg } from "../errors.ts";
import { classOf, codeOf, handleOfShared, openShared, Shared, type SharedClass } from "../operation/shared.ts";
import { CODE_MASK, CODE_SHARED, innerCode, type WordCodec } from "./codec.ts";
import { carryShared } from "./wire.ts";

/** Carries handles of one class: `rt.channel(syncOf(Mutex))`. Received views work on whichever thread receives them. */
export function syncOf<T extends Shared>(Class: SharedClass<T>): WordCodec<T> {
  const code = codeOf(Class);
  return {
    form: "word",
    name: `syncOf(${Class.name})`,
    code: code * (CODE_MASK + 1) + CODE_SHARED,
    encode(value, thread) {
      if (!(value instanceof Class)) throw invalidArg("syncOf value", `a ${Class.name}`, value);
      return handleOfShared(value, thread);
    },
    decode: (bits, thread) => openShared(code, bits, thread) as T,
  };
}

/** The codec of a code found in a channel's record. */
export function sharedCodecOf(code: number): WordCodec<Shared> {
  return syncOf(classOf(innerCode(code)));
}

carryShared<Shared>(
  Shared,
  (value, thread) => [codeOf(value.constructor), handleOfShared(value, thread)],
  ([code, handle], thread) => openShared(code, handle, thread),
);
