/**
 * MessagePort as a contender: values posted one by one, one way, without waiting for anything: as fast as it goes.
 */
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { Contender, Sample } from "../harness/scenario.ts";
import { sibling } from "../lab/bare/sibling.ts";
import { nowNs } from "./clock.ts";
import { Hired } from "./hired.ts";
import { type Kind, type KindName, kindOf } from "./kinds.js";
import { Ledger, together } from "./numbers.ts";
import { markOf, nameOf } from "./witness.ts";

/** In the sending Worker. Gives when it began, and whether values were given away: they are empty then. */
export function post(port: MessagePort, name: KindName, count: number): { begun: number; how: string } {
  const kind = kindOf(name);
  const begun = nowNs();
  if (kind.transfer) return { begun, how: postTransferring(port, kind as Required<Kind<unknown>>, count) };
  for (let i = 0; i < count; i++) port.postMessage(kind.make(i));
  return { begun, how: ", copying" };
}

function postTransferring(port: MessagePort, kind: Required<Kind<unknown>>, count: number): string {
  let left = 0;
  for (let i = 0; i < count; i++) {
    const value = kind.make(i);
    port.postMessage(value, kind.transfer(value));
    left += (value as Uint8Array).byteLength;
  }
  return left === 0 ? ", transferring" : ", copying";
}

interface Reception {
  readonly ended: number;
  readonly ledger: Ledger;
  readonly who: string;
}

/** In the receiving thread: until `count` values have come. */
export function receive(port: MessagePort, name: KindName, count: number, isProof: boolean): Promise<Reception> {
  const kind = kindOf(name);
  const ledger = new Ledger(1);
  return new Promise((resolve) => {
    port.on("message", (value: unknown) => {
      ledger.add(kind.numberOf(value, isProof));
      if (ledger.count < count) return;
      resolve({ ended: nowNs(), ledger, who: nameOf(markOf(port)) });
      port.close();
    });
  });
}

const HERE = sibling("message-port", import.meta.url);

/** From one Worker to another. */
export function messagePortBetweenWorkers(kind: KindName, total: number, name = "message-port", unitNs = 1): Contender {
  let sender: Hired;
  let receiver: Hired;
  let isProof = true;
  return {
    name,
    family: "message-port",
    async open() {
      [sender, receiver] = await Promise.all([Hired.start(HERE), Hired.start(HERE)]);
    },
    async run(): Promise<Sample> {
      const { port1, port2 } = new MessageChannel();
      const receiving = receiver.call("receive", [port2, kind, total, isProof], [port2]) as ReturnType<typeof receive>;
      const { begun, how } = (await sender.call("post", [port1, kind, total], [port1])) as ReturnType<typeof post>;
      const { ended, ledger, who } = await receiving;
      isProof = false;
      return { value: (ended - begun) / total / unitNs, seen: together([ledger]), by: who + how };
    },
    async close() {
      await Promise.all([sender.stop(), receiver.stop()]);
    },
  };
}

/** Numbers from one Worker to the main thread. */
export function messagePortToMain(total: number): Contender {
  let sender: Hired;
  return {
    name: "message-port",
    family: "message-port",
    async open() {
      sender = await Hired.start(HERE);
    },
    async run(): Promise<Sample> {
      const { port1, port2 } = new MessageChannel();
      const receiving = receive(port2, "number", total, false);
      const { begun } = (await sender.call("post", [port1, "number", total], [port1])) as ReturnType<typeof post>;
      const { ended, ledger, who } = await receiving;
      return { value: (ended - begun) / total, seen: together([ledger]), by: who };
    },
    close: () => sender.stop(),
  };
}
