// Runs the whole suite again and again with a busy loop on each core, to find tests that depend on time. Stops at the first run that fails.
//
//   node scripts/repeat-suite.js [--times 50] [--json report/repeat.json] [-- what vitest is to run, everything unless given]

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const { values, positionals } = parseArgs({
  options: { times: { type: "string", default: "50" }, json: { type: "string", default: "report/repeat.json" } },
  allowPositionals: true,
});
const times = Number(values.times);
if (!Number.isInteger(times) || times < 1) throw new Error(`--times: expected a whole number from 1, got ${values.times}`);

const cores = availableParallelism();
const loops = Array.from({ length: cores }, () => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
for (const loop of loops) loop.unref();
process.once("exit", () => {
  for (const loop of loops) loop.kill("SIGKILL");
});

const report = resolve(root, values.json);
mkdirSync(dirname(report), { recursive: true });
const result = { times, cores, what: positionals, runs: [], failures: [] };
for (let run = 1; run <= times && result.failures.length === 0; run++) {
  const begun = performance.now();
  const { code, numPassedTests, numFailedTests, numPendingTests, testResults } = await runOnce(`${report}.run`);
  const seconds = Math.round((performance.now() - begun) / 1_000);
  result.runs.push({ passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests, seconds });
  for (const { name, status, assertionResults, message } of testResults) {
    if (status !== "failed") continue;
    const failed = assertionResults.filter((test) => test.status === "failed").map((test) => test.fullName);
    result.failures.push({ run, file: name.slice(root.length + 1), tests: failed, message: failed.length === 0 ? message : undefined });
  }
  if (numPassedTests + numFailedTests === 0) result.failures.push({ run, file: "the run", tests: ["no test ran"] });
  else if (code !== 0 && result.failures.length === 0) result.failures.push({ run, file: "the run", tests: [`vitest ended with ${code}`] });
  console.log(`run ${run}/${times}: ${numPassedTests} passed, ${numFailedTests} failed, ${seconds} s`);
  writeFileSync(report, `${JSON.stringify(result, undefined, 2)}\n`);
}
rmSync(`${report}.run`, { force: true });
for (const { file, tests } of result.failures) console.log(`failed: ${file}: ${tests.join("; ")}`);
process.exitCode = result.failures.length === 0 ? 0 : 1;

function runOnce(file) {
  rmSync(file, { force: true }); // of the run before
  return new Promise((done, fail) => {
    const args = ["node_modules/vitest/vitest.mjs", "run", "--reporter=json", `--outputFile.json=${file}`, ...positionals];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
    child.once("error", fail);
    child.once("exit", (code, signal) => {
      try {
        done({ ...JSON.parse(readFileSync(file, "utf8")), code: code ?? signal });
      } catch (error) {
        fail(error);
      }
    });
  });
}
