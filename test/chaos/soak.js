// A soak: the traffic of deaths.js for long, with a death every quarter of a second.
//
//   node test/chaos/soak.js [--minutes 30] [--seed 1] [--json out.json] [--api dist/src/index.js]
//
// Reports resident memory and its slope after the second minute, threads and descriptors, the p99 of a task that answers at once, and everything
// deaths.js looks for. On Node 20 descriptors grow: stopping a thread while it loads modules leaves the file open that its loader was reading. Prints one line of JSON, exits 1 when something was lost, hung, left over, or grew.

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { options } from "../support/kill-probe-load.js";
import { soak } from "./soak-run.js";

export { soak };

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { minutes, seed, json, api } = options(process.argv.slice(2), { minutes: 30, seed: 1, json: "", api: "dist/src/index.js" });
  const url = pathToFileURL(resolve(api)).href;
  const result = await soak(await import(url), url, { minutes, seed });
  const line = JSON.stringify(result);
  if (json) writeFileSync(json, `${line}\n`);
  console.log(line);
  process.exitCode = result.ok && (result.slopeMbPerMinute ?? 0) < 1 ? 0 : 1;
}
