// Deaths under traffic through leased queues.
//
//   node test/chaos/deaths.js [--deaths 10000] [--seed 1] [--minutes n] [--json out.json] [--api dist/src/index.js]
//
//   produce, produceSync ── f64, capacity 4, leases of 200 ms, attempts without end ──▶ consume, consumeSync
//   produce, produce ── structured, capacity 16, attempts 3 ──▶ consume, consume ──▶ dead letters, read by the supervising thread
//   two that select, two that hold a lock and permits
//
// Threads die by rt.kill and terminate(), while they run and while they start; by process.exit, errors of any type that nobody catches, a rejection nobody
// looks at, and out of memory, all of them also with a job in hand; and of jobs that are poison. Holds the runtime to: every accepted job acknowledged once
// or set aside with its causes; first deliveries in each producer's order; nobody alone where only one may be; no hang; the heap as it was.
// Prints one line of JSON, exits 1 when something was found or too few died with a job in hand.

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { options } from "../support/kill-probe-load.js";
import { dieUnderTraffic } from "./deaths-run.js";

export { dieUnderTraffic };

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { deaths, seed, minutes, json, api } = options(process.argv.slice(2), {
    deaths: 10_000,
    seed: 1,
    minutes: 600,
    json: "",
    api: "dist/src/index.js",
  });
  const url = pathToFileURL(resolve(api)).href;
  const result = await dieUnderTraffic(await import(url), url, { deaths, seed, minutes });
  const line = JSON.stringify(result);
  if (json) writeFileSync(json, `${line}\n`);
  console.log(line);
  process.exitCode = result.ok ? 0 : 1;
}
