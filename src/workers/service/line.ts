// Line: how ports get from a service's thread to the supervising one and back. Calls go through the heap, which carries no ports; each of these has a
// number that its call mentions.

import { setMaxListeners } from "node:events";
import type { MessagePort } from "node:worker_threads";

/** Aborts never: on a service's thread, whose supervising side does not go before it. */
export const NEVER: AbortSignal = new AbortController().signal;
setMaxListeners(0, NEVER);

/** How a new thread hands over the other end of its line, through its own port. */
export interface LineMessage {
  readonly heddle: "line";
  readonly key: number;
  readonly port: MessagePort;
}

const expected = new Map<number, (port: MessagePort) => void>();

/** On the supervising side: where the end goes that comes under this key. The answer takes that back. */
export function expectLine(key: number, take: (port: MessagePort) => void): () => void {
  expected.set(key, take);
  return () => void expected.delete(key);
}

/** On the supervising side: a thread has handed over an end. One nobody expects any more is closed. */
export function onLine({ key, port }: LineMessage): void {
  const take = expected.get(key);
  expected.delete(key);
  if (take) take(port);
  else port.close();
}

interface Delivery {
  readonly id: number;
  readonly port: MessagePort;
}

export class Line {
  #end: MessagePort | undefined;
  readonly #over: AbortSignal;
  #toSend: Delivery[] = [];
  readonly #arrived = new Map<number, MessagePort>();
  readonly #wanted = new Map<number, (port: MessagePort) => void>();

  /** `over` aborts when the other side is gone. The end may come later. */
  constructor(over: AbortSignal, end?: MessagePort) {
    this.#over = over;
    if (end) this.attach(end);
  }

  attach(end: MessagePort): void {
    this.#end = end;
    end.on("message", ({ id, port }: Delivery) => this.#onPort(id, port));
    end.unref();
    this.#over.addEventListener("abort", () => end.close(), { once: true });
    for (const delivery of this.#toSend.splice(0)) this.#post(delivery);
  }

  send(id: number, port: MessagePort): void {
    const delivery = { id, port };
    if (this.#end) this.#post(delivery);
    else this.#toSend.push(delivery);
  }

  #post(delivery: Delivery): void {
    this.#end!.postMessage(delivery, [delivery.port]);
  }

  #onPort(id: number, port: MessagePort): void {
    const take = this.#wanted.get(id);
    this.#wanted.delete(id);
    if (take) take(port);
    else this.#arrived.set(id, port);
  }

  /** The port with this number, once it is here. Rejects with the reason when the other side is gone. */
  take(id: number): Promise<MessagePort> {
    const port = this.#arrived.get(id);
    this.#arrived.delete(id);
    if (port) return Promise.resolve(port);
    return new Promise((resolve, reject) => {
      const onOver = () => {
        this.#wanted.delete(id);
        reject(this.#over.reason);
      };
      this.#wanted.set(id, (arrived) => {
        this.#over.removeEventListener("abort", onOver);
        resolve(arrived);
      });
      this.#over.addEventListener("abort", onOver, { once: true });
      if (this.#over.aborted) onOver();
    });
  }
}
