// Waits and wakes: how often a thread is woken while whoever stands in front is killed, and what many timeouts cost the event loop.
//
//   node test/chaos/wakes.js [--waits 1000000] [--kills 2000] [--timeouts 100000] [--seed 1] [--json out.json] [--api dist/src/index.js]
//
// Four tasks with threads of their own and four light ones hand one permit round; the one that has waited longest is killed again and again. A wake is lost
// if nobody gets on. Then so many receives with a timeout are made and cancelled on the supervising thread, half by their signal and half by a close.
// Prints one line of JSON, exits 1 when a wake was lost or something is left.

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { options } from "../support/kill-probe-load.js";
import { timeouts, wakes } from "./wakes-run.js";

export { timeouts, wakes };

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const flags = options(process.argv.slice(2), {
    waits: 1_000_000,
    kills: 2_000,
    timeouts: 100_000,
    seed: 1,
    json: "",
    api: "dist/src/index.js",
  });
  const api = await import(pathToFileURL(resolve(flags.api)).href);
  const result = { probe: "wakes", version: process.version, seed: flags.seed, ...(await wakes(api, flags)) };
  Object.assign(result, { timeouts: await timeouts(api, flags.timeouts) });
  result.ok &&= result.timeouts.left === 0;
  const line = JSON.stringify(result);
  if (flags.json) writeFileSync(flags.json, `${line}\n`);
  console.log(line);
  process.exitCode = result.ok ? 0 : 1;
}
