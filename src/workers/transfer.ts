// Buffers that change hands: the heap takes a copy of everything, so giving a buffer away is detaching it here once the copy was taken.

import { MessagePort } from "node:worker_threads";
import { HeddleError, invalidArg } from "../runtime/errors.ts";

/** Throws ERR_INVALID_ARG, ERR_DETACHED, and ERR_UNSENDABLE for a MessagePort. */
export function checkTransfer(list: readonly unknown[]): void {
  if (!Array.isArray(list)) throw invalidArg("transfer", "a list of ArrayBuffers", list);
  for (const [index, one] of list.entries()) {
    if (one instanceof MessagePort) {
      throw new HeddleError(
        "ERR_UNSENDABLE",
        `transfer[${index}]: a MessagePort cannot go through the shared heap; pass one end of a channel instead, or call a service, whose arguments may be live`,
      );
    }
    if (!(one instanceof ArrayBuffer)) throw invalidArg(`transfer[${index}]`, "an ArrayBuffer", one);
    if (isDetached(one)) throw new HeddleError("ERR_DETACHED", `transfer[${index}]: expected an ArrayBuffer that was not detached before`);
  }
}

function isDetached(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** From now on they have no bytes here. The second mention of one does nothing. */
export function detach(list: readonly ArrayBuffer[]): void {
  structuredClone(undefined, { transfer: [...new Set(list)] });
}
