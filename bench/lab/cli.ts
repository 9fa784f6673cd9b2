/**
 * Cli: the command line of the lab. Wrong input is answered with what would be right and exit code 2.
 */
import { availableParallelism } from "node:os";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

export interface LabOptions {
  readonly jobs: readonly string[];
  readonly threads: number;
  readonly quick: boolean;
  /** The folder the report goes to. */
  readonly report: string;
  /** A page to write the figures to, too. */
  readonly markdown?: string;
}

export const EXIT_WRONG_OUTPUT = 1;
export const EXIT_WRONG_INPUT = 2;

/** Far more threads than cores only wait for each other; asked for, they are a slip of the finger. */
const MOST_THREADS = Math.max(16, 4 * availableParallelism());

/** The jobs there are: those that run unless something else is said, and all. */
export interface JobNames {
  readonly standard: readonly string[];
  readonly all: readonly string[];
}

export interface CliStreams {
  out(text: string): void;
  err(text: string): void;
}

/** The options asked for, or the exit code when the command line was answered already (help, or a mistake). */
export function parseCommandLine(argv: readonly string[], { standard, all }: JobNames, streams: CliStreams): LabOptions | number {
  const command = new Command("lab")
    .usage("[options]")
    .description(
      "Heddle's main job: CPU-heavy work on one thread, on all cores, and beside bare Workers; results compared, speeds reported.",
    )
    .option("--jobs <names>", `comma-separated, of: ${all.join(", ")} (the first ${standard.length} unless given)`, (text) =>
      parseJobs(text, all),
    )
    .addOption(new Option("--all", `all ${all.length} jobs, which show all patterns; minutes`).conflicts("jobs"))
    .option("--threads <n>", `threads to use (all cores unless given: ${availableParallelism()})`, parseThreads)
    .option("--quick", "less work and fewer rounds: does it run, not how fast is it")
    .option("--report <folder>", "where index.html, lab.json, the recorded runs, the jobs' outputs and the inputs they make go", "report")
    .option("--markdown <file>", "write the figures as a page, too")
    .addHelpText("after", "\nExit codes: 0 all outputs equal · 1 outputs differ, or a job failed · 2 wrong command line")
    .exitOverride()
    .configureOutput({ writeOut: (text) => streams.out(text), writeErr: (text) => streams.err(text) });
  try {
    command.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_WRONG_INPUT;
  }
  const { all: isAll, ...given } = command.opts<Partial<LabOptions> & Pick<LabOptions, "report"> & { all?: true }>();
  return { jobs: isAll ? all : standard, threads: availableParallelism(), quick: false, ...given };
}

function parseJobs(text: string, jobNames: readonly string[]): string[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !jobNames.includes(name));
  if (unknown.length > 0) {
    const what = unknown.map((name) => `'${name}'`).join(", ");
    throw new InvalidArgumentError(`Unknown job ${what}. Choose from: ${jobNames.join(", ")}.`);
  }
  return [...new Set(names)];
}

function parseThreads(text: string): number {
  const threads = Number(text);
  if (!/^\d+$/.test(text) || threads < 1 || threads > MOST_THREADS) {
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${MOST_THREADS}.`);
  }
  return threads;
}
