/**
 * Main: the command behind `npm run bench`.
 */
import { runBench } from "./harness/bench.ts";
import { EXIT_FAILED, parseCommandLine } from "./harness/cli.ts";
import { inOwnProcess } from "./harness/own-process.ts";
import { SUITES } from "./suites/index.ts";

const parsed = parseCommandLine(
  process.argv.slice(2),
  SUITES.map((suite) => suite.name),
  { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) },
);
if (typeof parsed === "number") {
  process.exitCode = parsed;
} else {
  try {
    process.exitCode = await runBench(parsed, SUITES, (text) => console.log(text), inOwnProcess);
  } catch (error) {
    process.stderr.write(`bench failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = EXIT_FAILED;
  }
}
