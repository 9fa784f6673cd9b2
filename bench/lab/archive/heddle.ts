/**
 * Archive, with Heddle: a ward a thread, all of one steward, takes names from a queue and sends out files. One that dies is started again, and whoever reads its
 * output sees no more than a pause; what it died of is a dead letter.
 */
import { type Queue, queue, type Runtime, steward } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import type { Notes } from "../notes.ts";
import type { Archive } from "./gathering.ts";
import type { Recoded } from "./recoding.ts";
import { registerOf } from "./register.ts";

export async function heddleArchive(rt: Runtime, { folder, files, spoilt }: Archive, notes: Notes, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./ward.ts")>(new URL("./ward.js", import.meta.url));
  const names = queue<string>(rt, { capacity: files.length, attempts: 1 });
  for (const { name } of files) await names.put(name);
  names.close();

  const boss = steward(rt, { restarts: spoilt, withinMs: 60_000, backOff: { minMs: 1 } });
  const wards = Array.from({ length: Math.max(1, rt.threads ?? 1) }, () => boss.ward(jobs.recodeQueued, folder, names.handle));
  const recoded: Recoded[] = [];
  const read = async (ward: AsyncIterable<Recoded>) => {
    for await (const file of ward) onShare(recoded.push(file) / files.length);
  };
  const [letters] = await Promise.all([deadOf(names), ...wards.map(read)]);
  await boss.stop();
  names[Symbol.dispose]();
  notes.take(rt, {
    restarts: wards.reduce((sum, { runs }) => sum + runs - 1, 0),
    diedOf: [...new Set(letters.map(({ code }) => code))].join(" "),
    twice: recoded.length - new Set(recoded.map(({ name }) => name)).size,
  });
  return registerOf([{ recoded, setAside: letters.map(({ name }) => name) }]);
}

async function deadOf(names: Queue<string>): Promise<{ name: string; code: unknown }[]> {
  const letters: { name: string; code: unknown }[] = [];
  for await (const letter of names.dead()) {
    letters.push({ name: letter.value, code: (letter.causes[0] as { code?: unknown }).code });
    letter.ack();
  }
  return letters;
}
