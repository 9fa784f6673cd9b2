// One thread runs out of JavaScript heap in one way, while another goes on answering. A process of its own: without the watchdog the engine may end it.
//
//   node test/chaos/memory-one.js --pattern arrays [--api dist/src/index.js] [--heap 64] [--unwatched]
//
// Prints one line of JSON: how the thread ended, after how long, and how many of the other's answers came meanwhile.

import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const { values } = parseArgs({
  options: { pattern: { type: "string" }, api: { type: "string" }, heap: { type: "string" }, unwatched: { type: "boolean" } },
});
const { Runtime, f64 } = await import(pathToFileURL(resolve(root, values.api ?? "dist/src/index.js")).href);
const heapMb = Number(values.heap ?? 64);
const rt = await Runtime.start(
  values.unwatched
    ? { threads: 1, killableLoops: false, resourceLimits: { maxOldGenerationSizeMb: 4 * heapMb } }
    : { threads: 1, killableLoops: true, threadHeapMb: heapMb },
);
const jobs = rt.module(new URL("../fixtures/memory-hogs.js", import.meta.url));
const asked = rt.channel(f64, 0);
const answers = rt.channel(f64, 0);
const started = rt.channel(f64, 1);
const other = rt.go(jobs.answer, asked.receiver, answers.sender);
const hog = rt.with({ dedicated: true }).go(jobs.exhaust, values.pattern, started.sender);
await started.recv();
const startedMs = performance.now();
let isOver = false;
const ended = hog
  .catch((error) => error)
  .finally(() => {
    isOver = true;
  });
let answered = 0;
while (!isOver) {
  await asked.send(answered);
  if ((await answers.recv()) !== answered) throw new Error("a wrong answer");
  answered++;
  await new Promise((turn) => setTimeout(turn, 1));
}
const error = await ended;
const ms = Math.round(performance.now() - startedMs);
asked.close();
await other;
const sum = await rt.with({ dedicated: true }).go(jobs.add, 2, 3);
const { zombies } = (await rt.close()).threads;
console.log(
  JSON.stringify({ pattern: values.pattern, code: error.code, kind: error.kind, text: error.message, ms, answered, sum, zombies }),
);
