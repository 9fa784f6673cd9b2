/**
 * Cli: the command line of the benchmark. Wrong input is answered with what would be right and exit code 2.
 */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { FAMILIES, type Family } from "./scenario.ts";

export interface BenchOptions {
  readonly suites: readonly string[];
  readonly contenders: readonly Family[];
  /** Rows of TARGETS, "S1": all unless given. */
  readonly rows: readonly string[] | undefined;
  readonly rounds: number;
  /** The quick form: less work in a round. */
  readonly quick: boolean;
  /** How long to wait for an idle machine. */
  readonly patienceMs: number;
  /** Where the figures go. */
  readonly json: string;
  readonly markdown: string | undefined;
  readonly html: string | undefined;
  /** Figures to make the pages from, instead of measuring. */
  readonly from: string | undefined;
}

export const EXIT_FAILED = 1;
export const EXIT_WRONG_INPUT = 2;
/** As the shell tells of a program that ended by Ctrl-C. */
export const EXIT_INTERRUPTED = 130;
export const ROUNDS = 7;
export const QUICK_ROUNDS = 3;
export const PATIENCE_SECONDS = 180;
export const QUICK_PATIENCE_SECONDS = 2;
const MOST_PATIENCE_SECONDS = 86_400;
const MOST_ROUNDS = 1_000;

export interface CliStreams {
  out(text: string): void;
  err(text: string): void;
}

/** The options asked for, or the exit code when the command line was answered already (help, or a mistake). */
export function parseCommandLine(argv: readonly string[], suites: readonly string[], streams: CliStreams): BenchOptions | number {
  const command = new Command("bench")
    .usage("[options]")
    .description("Heddle's benchmark: each row proves its output, then reports a speed beside its contenders.")
    .option("--suite <names>", `comma-separated, of: ${suites.join(", ")} (all unless given)`, (text) => pick("suite", text, suites))
    .option("--contenders <names>", `comma-separated, of: ${FAMILIES.join(", ")} (all unless given)`, (text) =>
      pick("contender", text, FAMILIES),
    )
    .option("--rows <ids>", "comma-separated, as S1,S8 (all unless given)", rowIds)
    .option("--rounds <n>", `timed rounds of each contender (${QUICK_ROUNDS}; ${ROUNDS} with --full)`, (text) =>
      whole(text, 1, MOST_ROUNDS),
    )
    .option("--patience <s>", `seconds to wait for an idle machine (${QUICK_PATIENCE_SECONDS}; ${PATIENCE_SECONDS} with --full)`, (text) =>
      whole(text, 0, MOST_PATIENCE_SECONDS),
    )
    .option("--full", "all the work and all the rounds, for figures to quote; without it the quick form, minutes instead of an hour")
    .option("--json <file>", "where the figures go", "report/bench.json")
    .option("--html <file>", "write them as a page with bars, too")
    .option("--markdown <file>", "write them as a page for docs/, too")
    .option("--from <file>", "take the figures from such a JSON file instead of measuring; with --html or --markdown")
    .addHelpText(
      "after",
      "\nExit codes: 0 every output was right · 1 one was wrong, or a contender failed · 2 wrong command line · 130 interrupted: what was measured is written",
    )
    .exitOverride()
    .configureOutput({ writeOut: (text) => streams.out(text), writeErr: (text) => streams.err(text) });
  try {
    command.parse(argv, { from: "user" });
    const given = command.opts<{
      suite?: string[];
      contenders?: Family[];
      rows?: string[];
      rounds?: number;
      full?: true;
      patience?: number;
      json: string;
      markdown?: string;
      html?: string;
      from?: string;
    }>();
    if (given.from !== undefined && given.markdown === undefined && given.html === undefined)
      command.error("error: option '--from <file>' needs '--html <file>' or '--markdown <file>'");
    const quick = !given.full;
    return {
      suites: given.suite ?? suites,
      contenders: given.contenders ?? FAMILIES,
      rows: given.rows,
      rounds: given.rounds ?? (quick ? QUICK_ROUNDS : ROUNDS),
      quick,
      patienceMs: (given.patience ?? (quick ? QUICK_PATIENCE_SECONDS : PATIENCE_SECONDS)) * 1_000,
      json: given.json,
      markdown: given.markdown,
      html: given.html,
      from: given.from,
    };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_WRONG_INPUT;
  }
}

function pick<T extends string>(what: string, text: string, choices: readonly T[]): T[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !(choices as readonly string[]).includes(name));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(`Unknown ${what} ${unknown.map((name) => `'${name}'`).join(", ")}. Choose from: ${choices.join(", ")}.`);
  }
  return choices.filter((choice) => names.includes(choice));
}

function rowIds(text: string): string[] {
  const ids = text.split(",").map((id) => id.trim());
  const wrong = ids.find((id) => !/^S\d+$/.test(id));
  if (wrong !== undefined) throw new InvalidArgumentError(`Expected rows like S1,S8, got '${wrong}'.`);
  return ids;
}

function whole(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  return value;
}
