// The tasks of a service's thread: opening the module, calling it, closing it. A thread of a service serves one and no other.

import { MessageChannel, parentPort } from "node:worker_threads";
import { HeddleError } from "../../runtime/errors.ts";
import type { AtomicInt } from "../../runtime/sync/index.ts";
import { Runtime } from "../runtime.ts";
import type { Part } from "./crossing.ts";
import { type LineMessage, NEVER } from "./line.ts";
import { type Outcome, Served } from "./served.ts";
import type { StreamWire } from "./stream.ts";

let served: Served | undefined;

/** Opens the service on this thread. Once it is open, `beat` is counted up every `beatMs`, as long as the event loop turns. */
export async function open(key: number, url: string, beat: AtomicInt | undefined, beatMs: number): Promise<void> {
  const { thread } = Runtime.current.background;
  const { port1, port2 } = new MessageChannel();
  const message: LineMessage = { heddle: "line", key, port: port2 };
  parentPort!.postMessage(message, [port2]);
  served = await Served.open({ thread, over: NEVER }, () => () => undefined, port1, url);
  if (!beat) return;
  beat.add(1); // from now on: how long opening may take has a limit of its own
  setInterval(() => void beat.add(1), beatMs).unref();
}

export async function call(name: string, args: Uint8Array, parts: readonly Part[]): Promise<Outcome> {
  if (!served) throw new HeddleError("ERR_SERVICE_DOWN", "expected a service that is open on this thread, and there is none");
  return served.call(name, args, parts);
}

export function give(offer: number, wire: StreamWire): void {
  served?.give(offer, wire);
}

export async function close(): Promise<void> {
  await served?.close();
}
