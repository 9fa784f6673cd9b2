// A consumer of a queue, on its thread: takes jobs and works through them until the queue ends or nobody wants it any more.

import { CLOSED } from "../../runtime/channel/index.ts";
import type { Context } from "../../runtime/context/index.ts";
import { loadFunction } from "../load-function.ts";
import { type QueueHandle, queueOf } from "./queue.ts";

export type Work = (value: unknown, ctx: Context) => unknown;

/** Throws: ERR_NO_MODULE, ERR_NO_FUNCTION, and what the module throws at import. What the function throws goes back with its job. */
export async function consume(url: string, name: string, handle: QueueHandle<unknown>, ctx: Context): Promise<void> {
  await consumeWith((await loadFunction(url, name)) as Work, handle, ctx);
}

export async function consumeWith(work: Work, handle: QueueHandle<unknown>, ctx: Context): Promise<void> {
  const queue = queueOf(handle);
  while (!ctx.error) {
    const job = await queue.take({ ctx }).catch((error: unknown): typeof CLOSED => {
      if (ctx.error) return CLOSED;
      throw error;
    });
    if (job === CLOSED) return;
    try {
      await work(job.value, ctx);
      job.ack();
    } catch (error) {
      job.nack(error);
    }
  }
}
