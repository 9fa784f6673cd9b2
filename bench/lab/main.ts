/**
 * Main: the command behind `npm start`.
 */
import { mkdirSync } from "node:fs";
import { JOB_NAMES, JOBS } from "./catalog.ts";
import { EXIT_WRONG_INPUT, EXIT_WRONG_OUTPUT, parseCommandLine } from "./cli.ts";
import { runLab } from "./lab.ts";

const parsed = parseCommandLine(process.argv.slice(2), JOB_NAMES, {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
if (typeof parsed === "number") {
  process.exitCode = parsed;
} else {
  try {
    if (!makeFolder(parsed.report)) process.exitCode = EXIT_WRONG_INPUT;
    else process.exitCode = await runLab(parsed, JOBS, process.stdout);
  } catch (error) {
    process.stderr.write(`lab failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = EXIT_WRONG_OUTPUT;
  }
}

function makeFolder(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    return true;
  } catch (error) {
    process.stderr.write(`error: option '--report <folder>': cannot make the folder '${folder}': ${(error as Error).message}\n`);
    return false;
  }
}
