/**
 * Ingest, with Heddle: documents go through a leased queue that holds its producer back, to consumers that take them in batches and acknowledge each. What is refused twice
 * is a dead letter.
 */
import { errorGroup, type Queue, queue, type Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import type { Notes } from "../notes.ts";
import { glossaryOf } from "./glossary.ts";
import type { Document, Indexed, IndexPart } from "./indexing.ts";

/** Documents that may wait: for each consumer a few batches. */
const CAPACITY = 16;
const ATTEMPTS = 2;

export async function heddleIngest(rt: Runtime, { root, documents }: IndexPart, notes: Notes, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./consumer.ts")>(new URL("./consumer.js", import.meta.url));
  const ingest = queue<Document>(rt, { capacity: CAPACITY, attempts: ATTEMPTS });
  const group = errorGroup(rt, { dedicated: true });
  for (let i = 0; i < Math.max(1, rt.threads ?? 1); i++) group.go(jobs.consume, root, ingest.handle);
  const dead = deadOf(ingest);
  for (const [i, document] of documents.entries()) {
    await ingest.put(document);
    onShare(i / documents.length);
  }
  ingest.close();
  const parts = await group.wait<Indexed>();
  const refused = await dead;
  const { full, returned, arrivalRate, waitingMs, meanLength } = ingest.stats();
  ingest[Symbol.dispose]();
  notes.take(rt, {
    heldBack: full,
    returned,
    arrivalsPerSecond: Math.round(arrivalRate),
    waitingMs: Number(waitingMs.toFixed(1)),
    meanLength: Number(meanLength.toFixed(1)),
  });
  return glossaryOf([...parts, { counts: [], documents: 0, refused }]);
}

/** Takes the dead letters until the queue has ended. */
async function deadOf(ingest: Queue<Document>): Promise<string[]> {
  const paths: string[] = [];
  for await (const letter of ingest.dead()) {
    paths.push(letter.value.path);
    letter.ack();
  }
  return paths;
}
