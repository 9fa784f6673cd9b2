/**
 * Consumer: takes documents from a queue in batches, and acknowledges each when it is in its index: what a task is given to do.
 */
import { type Context, type QueueHandle, queueOf } from "../../../src/index.ts";
import { type Document, Index, type Indexed } from "./indexing.ts";

/** Documents of a batch, and how long its first waits for the others. */
const BATCH = { size: 4, withinMs: 20 };

/** What is refused goes back, and after its attempts to the dead letters. */
export async function consume(root: string, documents: QueueHandle<Document>, ctx: Context): Promise<Indexed> {
  const index = new Index();
  for await (const batch of queueOf(documents).batches({ ...BATCH, ctx })) {
    for (const job of batch) {
      try {
        index.add(root, job.value);
        job.ack();
      } catch (error) {
        job.nack(error);
      }
    }
  }
  return { counts: index.counts, documents: index.documents, refused: [] };
}
