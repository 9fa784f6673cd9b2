/**
 * Rounds: runs the contenders of a scenario in turns and measures them.
 *
 * Invariants
 * 1. What a round saw is compared with what must be seen, in warm-up rounds too. The first difference ends the scenario: a wrong result has no speed.
 * 2. Every contender has run `warmUps` rounds before any is timed: each thread has its own JIT.
 * 3. Contenders take turns round by round (A B C, B C A, ...), so that a machine that slows down slows all of them.
 * 4. A round that does not end is given up after `limitMs`; nothing waits for ever.
 * 5. Who did the work must be who stands in the row, in every round: two contenders that were swapped have no speed either.
 */
import { InterruptedError, unlessInterrupted } from "./interruption.ts";
import type { Contender, Scenario, Seen } from "./scenario.ts";

export interface RoundOptions {
  readonly rounds: number;
  readonly limitMs: number;
  /** Told before each round. */
  onRound?(contender: string, round: number, isWarmUp: boolean): void;
  /** Ends the scenario, whatever is going on. */
  readonly signal?: AbortSignal;
}

/** What one contender's timed rounds came to. */
export interface Measured {
  readonly contender: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
}

const CLOSE_AFTER_FAILURE_MS = 5_000;
const CLOSE_AFTER_INTERRUPT_MS = 2_000;

/** A round whose output was wrong. */
export class WrongOutputError extends Error {
  readonly code = "ERR_WRONG_OUTPUT";
  constructor(scenario: Scenario, contender: Contender, differences: readonly string[]) {
    super(`${scenario.id} ${scenario.title}: ${contender.name} did not do the work: ${differences.join("; ")}`);
    this.name = "WrongOutputError";
  }
}

/** A round that somebody else ran than whose name it stands under. */
export class WrongContenderError extends Error {
  readonly code = "ERR_WRONG_CONTENDER";
  constructor(scenario: Scenario, contender: Contender, by: string) {
    super(`${scenario.id} ${scenario.title}: expected the work to be done by ${contender.name}, it was done by ${by}`);
    this.name = "WrongContenderError";
  }
}

export async function runScenario(scenario: Scenario, options: RoundOptions): Promise<Measured[]> {
  const opened: Contender[] = [];
  try {
    for (const contender of scenario.contenders) {
      opened.push(contender);
      await within(contender.open(), options, `${scenario.title}: ${contender.name} to start`);
    }
    const measured = await turns(scenario, options);
    await closeAll(opened, options.limitMs);
    return measured;
  } catch (error) {
    // The first failure is the one to tell. What was interrupted has its processes ended, not asked.
    await closeAll(opened, error instanceof InterruptedError ? CLOSE_AFTER_INTERRUPT_MS : CLOSE_AFTER_FAILURE_MS).catch(() => undefined);
    throw error;
  }
}

async function closeAll(opened: Contender[], limitMs: number): Promise<void> {
  const closing = opened.splice(0).map((contender) => within((async () => contender.close())(), { limitMs }, `${contender.name} to stop`));
  const failed = (await Promise.allSettled(closing)).find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

async function turns(scenario: Scenario, options: RoundOptions): Promise<Measured[]> {
  const { contenders, warmUps } = scenario;
  const rounds = Math.min(options.rounds, scenario.mostRounds ?? options.rounds);
  const samples = contenders.map((): number[] => []);
  let expected = typeof scenario.expected === "function" ? undefined : scenario.expected;
  for (let turn = 0; turn < warmUps + rounds; turn++) {
    const isWarmUp = turn < warmUps;
    const round = isWarmUp ? turn : turn - warmUps;
    for (let i = 0; i < contenders.length; i++) {
      const at = (i + round) % contenders.length;
      const contender = contenders[at]!;
      options.onRound?.(contender.name, round + 1, isWarmUp);
      const sample = await within(contender.run(), options, `${scenario.title}: a round of ${contender.name} to end`);
      if (!isNamed(sample.by, contender.name)) throw new WrongContenderError(scenario, contender, sample.by);
      expected ??= await within((scenario.expected as () => Promise<Seen>)(), options, `${scenario.title}: its reference to end`);
      const wrong = differences(sample.seen, expected);
      if (!Number.isFinite(sample.value)) wrong.push(`expected a figure, got ${sample.value}`);
      if (wrong.length > 0) throw new WrongOutputError(scenario, contender, wrong);
      if (!isWarmUp) samples[at]!.push(sample.value);
    }
  }
  return contenders.map((contender, i) => summary(contender.name, samples[i]!));
}

/** A name may say less than what was witnessed, nothing else. */
export function isNamed(by: string, name: string): boolean {
  const [who, ...how] = by.split(", ");
  const [called, ...manner] = name.split(", ");
  return who === called && manner.every((part) => how.includes(part));
}

/** Every key of `expected`, and no other, with the same value. */
export function differences(seen: Seen, expected: Seen): string[] {
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(seen)])];
  return keys.filter((key) => seen[key] !== expected[key]).map((key) => `${key}: expected ${expected[key]}, saw ${seen[key]}`);
}

export function summary(contender: string, samples: readonly number[]): Measured {
  const sorted = [...samples].sort((a, b) => a - b);
  return { contender, median: median(sorted), min: sorted[0]!, max: sorted.at(-1)!, rounds: sorted.length };
}

/** The middle value of at least one. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

type Limits = Pick<RoundOptions, "limitMs" | "signal">;

async function within<T>(promise: Promise<T>, { limitMs, signal }: Limits, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`expected ${what} within ${limitMs} ms`)), limitMs);
  });
  try {
    const first = Promise.race([promise, late]);
    return await (signal ? unlessInterrupted(first, signal) : first);
  } finally {
    clearTimeout(timer);
  }
}
