// An ingest: files come faster than they are indexed, some are damaged, some come too late. The producer is held back, nothing is lost, and it all adds up.

import { after, type Queue, queue, type Runtime, serve } from "../../src/index.ts";
import { shortName, sources } from "../sources.ts";
import type { File } from "./jobs.ts";

export const about = "an ingest with back-pressure, dead letters, deadlines and a read-out by Little's law";

const CAPACITY = 8;

export async function* run(rt: Runtime): AsyncGenerator<string> {
  const jobs = rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url));
  const files = sources("src/math").map((path, i): File => ({ path, damaged: i % 20 === 3 }));

  const ingest = queue<File>(rt, { capacity: CAPACITY, attempts: 2 });
  const indexing = serve(rt, ingest, jobs.index, { width: 2 });
  const dead = deadOf(ingest);
  for (const file of files) await ingest.put(file); // waits while the queue is full
  ingest.close();
  await indexing.done;
  const letters = await dead;

  const { arrived, done, returned, full, arrivalRate, waitingMs, meanLength, length } = ingest.stats();
  yield `${arrived} files came, ${done} were indexed, ${letters.length} are dead; left: ${length}`;
  yield `dead: ${letters.join(", ")}; given back ${returned} times`;
  yield `the producer was held back: ${full > 0}`;
  yield `${arrivalRate > 0 && waitingMs > 0}: files came at a rate and waited; so many wait on average, no more than fit: ${meanLength <= CAPACITY + 1}`;
  ingest[Symbol.dispose]();

  const urgent = queue<File>(rt, { capacity: 64, ttlMs: 1, attempts: 1 });
  for (const file of files.slice(0, 12)) await urgent.put(file);
  await after(5).recv(); // nobody has had the time
  urgent.close();
  const late = deadOf(urgent);
  await serve(rt, urgent, jobs.index, { width: 1 }).done;
  yield `too late: ${(await late).length} of 12, ${urgent.stats().late} counted`;
  urgent[Symbol.dispose]();
}

/** Takes the dead letters until the queue has ended. */
async function deadOf(ingest: Queue<File>): Promise<string[]> {
  const names: string[] = [];
  for await (const letter of ingest.dead()) {
    names.push(`${shortName(letter.value.path)} (${letter.causes.map((cause) => (cause as { code: string }).code).join(", ")})`);
    letter.ack();
  }
  return names.sort();
}
