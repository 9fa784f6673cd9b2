/**
 * Ward: recodes what is queued, and dies of what is spoilt: that is an 'error' event nobody listens for, which is thrown where nobody can catch it and ends the thread.
 *
 * That is a mistake that is easily made, and made here on purpose. On the calling thread (`threads: 0`) it would end the process, so there, as in the plain loop, what is
 * spoilt is told by its code.
 */
import { EventEmitter } from "node:events";
import { isMainThread } from "node:worker_threads";
import { type Context, type Pulse, type QueueHandle, queueOf, type Sender } from "../../../src/index.ts";
import { type Recoded, recode } from "./recoding.ts";

/** A job is acknowledged when its file was sent out; one that its thread dies of is set aside. */
export async function recodeQueued(
  folder: string,
  names: QueueHandle<string>,
  out: Sender<Recoded>,
  pulse: Pulse,
  ctx: Context,
): Promise<void> {
  for await (const job of queueOf(names).jobs({ ctx })) {
    pulse.beat();
    try {
      const recoded = isMainThread ? recode(folder, job.value) : await careless(folder, job.value);
      await out.send(recoded, { ctx });
      job.ack();
    } catch (error) {
      if (ctx.error) throw error;
      job.nack(error);
    }
  }
}

/** Recodes later, and tells by events, as streams do. */
class Recoder extends EventEmitter {
  start(folder: string, name: string): void {
    process.nextTick(() => {
      let recoded: Recoded;
      try {
        recoded = recode(folder, name);
      } catch (error) {
        this.emit("error", error);
        return;
      }
      this.emit("recoded", recoded);
    });
  }
}

function careless(folder: string, name: string): Promise<Recoded> {
  const recoder = new Recoder();
  recoder.start(folder, name);
  return new Promise((resolve) => recoder.once("recoded", resolve));
}
