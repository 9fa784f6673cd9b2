// Installs the tarball into an empty project and tries it with this Node.
//
//   node test/package/main.js --tarball heddle.tgz [--checks install,javascript,…]
//
// Prints one line of JSON: how each check went. Exits 1 when one failed.

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { ALL } from "./checks.js";
import { Project } from "./project.js";

const { values } = parseArgs({ options: { tarball: { type: "string" }, checks: { type: "string", default: Object.keys(ALL).join(",") } } });
const names = values.checks.split(",");
const unknown = names.filter((name) => !ALL[name]);
if (!values.tarball || unknown.length > 0) throw new Error(`expected --tarball FILE, and --checks of ${Object.keys(ALL).join(",")}`);

const project = Project.create();
const results = {};
try {
  for (const name of names) {
    console.error(`  ${name}`);
    try {
      results[name] = { ok: true, ...(await ALL[name](project, resolve(values.tarball))) };
    } catch (error) {
      results[name] = { ok: false, error: error.message };
      console.error(error.message);
    }
  }
} finally {
  project.remove();
}
const failed = Object.values(results).filter(({ ok }) => !ok).length;
console.log(JSON.stringify({ scenario: "package", node: process.version, checks: names.length, failed, results }));
if (failed > 0) process.exitCode = 1;
