/**
 * MessagePort as a contender: numbers posted one by one, one way, without waiting for anything: as fast as it goes.
 */
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { Contender, Sample } from "../harness/scenario.ts";
import { sibling } from "../lab/bare/sibling.ts";
import { nowNs } from "./clock.ts";
import { Hired } from "./hired.ts";
import { Ledger, together } from "./numbers.ts";

/** In the sending Worker. Gives when it began. */
export function post(port: MessagePort, count: number): number {
  const begun = nowNs();
  for (let i = 0; i < count; i++) port.postMessage(i);
  return begun;
}

/** In the receiving thread: until `count` values have come. */
export function receive(port: MessagePort, count: number): Promise<{ ended: number; ledger: Ledger }> {
  const ledger = new Ledger(1);
  return new Promise((resolve) => {
    port.on("message", (value: number) => {
      ledger.add(value);
      if (ledger.count < count) return;
      resolve({ ended: nowNs(), ledger });
      port.close();
    });
  });
}

const HERE = sibling("message-port", import.meta.url);

/** From one Worker to another. */
export function messagePortBetweenWorkers(total: number): Contender {
  let sender: Hired;
  let receiver: Hired;
  return {
    name: "message-port",
    family: "message-port",
    async open() {
      [sender, receiver] = await Promise.all([Hired.start(HERE), Hired.start(HERE)]);
    },
    async run(): Promise<Sample> {
      const { port1, port2 } = new MessageChannel();
      const receiving = receiver.call("receive", [port2, total], [port2]) as ReturnType<typeof receive>;
      const begun = (await sender.call("post", [port1, total], [port1])) as number;
      const { ended, ledger } = await receiving;
      return { value: (ended - begun) / total, seen: together([ledger]) };
    },
    async close() {
      await Promise.all([sender.stop(), receiver.stop()]);
    },
  };
}

/** From one Worker to the main thread. */
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
      const receiving = receive(port2, total);
      const begun = (await sender.call("post", [port1, total], [port1])) as number;
      const { ended, ledger } = await receiving;
      return { value: (ended - begun) / total, seen: together([ledger]) };
    },
    close: () => sender.stop(),
  };
}
