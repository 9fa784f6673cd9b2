/**
 * Main: the command behind `npm run bench`.
 */
import { runBench } from "./harness/bench.ts";
import { EXIT_FAILED, EXIT_INTERRUPTED, parseCommandLine } from "./harness/cli.ts";
import { interruption } from "./harness/interruption.ts";
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
  const interrupted = () => {
    if (interruption.signal.aborted) process.exit(EXIT_INTERRUPTED); // asked twice: at once
    process.stderr.write("\ninterrupted: writing what was measured\n");
    interruption.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, interrupted);
  try {
    process.exitCode = await runBench(parsed, SUITES, (text) => console.log(text), {
      place: inOwnProcess,
      progress: process.stderr,
      signal: interruption.signal,
    });
  } catch (error) {
    process.stderr.write(`bench failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = EXIT_FAILED;
  }
}
