// How an answer, or the lack of one, settles a call.

import { HeddleError, ThreadDiedError } from "../../runtime/errors.ts";
import type { PoolCall } from "./pool-call.ts";
import { type Answer, FALSE, NO_ROOM, NULL, NUMBER, TRUE, UNDEFINED, VALUE } from "./wire.ts";

/** `bytes`: the value the answer refers to. */
export function settle(call: PoolCall, answer: Answer, bytes: Uint8Array | undefined, decode: (bytes: Uint8Array) => unknown): void {
  const { kind } = answer;
  switch (kind) {
    case NUMBER:
      call.resolve(answer.value);
      break;
    case UNDEFINED:
      call.resolve(undefined);
      break;
    case NULL:
      call.resolve(null);
      break;
    case TRUE:
    case FALSE:
      call.resolve(kind === TRUE);
      break;
    case NO_ROOM:
      call.reject(new HeddleError("ERR_HEAP_EXHAUSTED", `${call.fn.name} failed, and the heap had no room for its error`));
      break;
    default:
      settleWith(call, kind, bytes!, decode);
  }
}

function settleWith(call: PoolCall, kind: number, bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown): void {
  let value: unknown;
  try {
    value = decode(bytes);
  } catch (undecodable) {
    call.reject(undecodable);
    return;
  }
  if (kind === VALUE) call.resolve(value);
  else call.reject(value);
}

/** What a call rejects with whose thread ended before it answered. */
export function lossOf(call: PoolCall, failure: unknown): Error {
  if ((failure as { code?: unknown } | undefined)?.code !== "ERR_THREAD_DIED") {
    return new HeddleError("ERR_CLOSED", `${call.fn.name}: the pool was closed`, { cause: failure });
  }
  const { cause } = failure as Error;
  const why = (cause as Error | undefined)?.message ?? (failure as Error).message;
  return new ThreadDiedError(`${call.fn.name}: ${why}`, { cause });
}
