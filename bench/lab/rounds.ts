/**
 * Rounds: runs the variants of a job in turns, times them and compares what they gave.
 *
 * Invariants
 * 1. Every variant has run untimed before any is timed: each thread has its own JIT, and all share one machine.
 * 2. The order within a round turns by one from round to round, so no variant always runs after the same other.
 * 3. The output of every run, timed or not, is compared with the plain loop's by its hash, outside the timed span.
 *    When one differed, nothing more is timed: there is no speed of a wrong result.
 */
import { createHash } from "node:crypto";
import type { Job, Output, Variant, VariantName } from "./job.ts";

export interface RoundCounts {
  readonly warmUps: number;
  /** Rounds to time. When the job has taken `budgetMs` before, on a busy machine, one warm-up and FEWEST_ROUNDS must do. */
  readonly rounds: number;
  readonly budgetMs: number;
}

export const FEWEST_ROUNDS = 3;

/** Told what goes on; see `progress.ts`. */
export interface RoundListener {
  runStarts(round: Round, variant: VariantName): void;
  runShare(share: number): void;
  roundEnds(round: Round, times: ReadonlyMap<VariantName, number>): void;
}

export interface Round {
  readonly kind: "warm-up" | "round";
  /** From 1. */
  readonly number: number;
  readonly of: number;
}

export interface Measurement {
  /** Untimed rounds run. */
  readonly warmUps: number;
  /** Milliseconds of the timed runs. Empty when outputs differed. */
  readonly samples: ReadonlyMap<VariantName, readonly number[]>;
  /** Milliseconds of processor time of the same runs, all threads of the process together. Hardly changed by what else runs. */
  readonly cpuSamples: ReadonlyMap<VariantName, readonly number[]>;
  /** The hashes each variant's outputs had: one, if all is well. */
  readonly hashes: ReadonlyMap<VariantName, readonly string[]>;
  /** Variants of which a run gave something else than the plain loop's first run. */
  readonly differs: readonly VariantName[];
  /** What the plain loop gave. */
  readonly output: Output;
}

export async function measure(job: Job, counts: RoundCounts, listener: RoundListener): Promise<Measurement> {
  const opened: Variant[] = [];
  try {
    for (const variant of job.variants) {
      await variant.open();
      opened.push(variant);
    }
    return await runRounds(job.variants, counts, listener);
  } finally {
    for (const variant of opened) await variant.close();
  }
}

async function runRounds(variants: readonly Variant[], counts: RoundCounts, listener: RoundListener): Promise<Measurement> {
  const reference = variants[0];
  if (reference?.name !== "plain") throw new Error("the first variant of a job must be the plain loop");
  const samples = new Map(variants.map(({ name }): [VariantName, number[]] => [name, []]));
  const cpuSamples = new Map(variants.map(({ name }): [VariantName, number[]] => [name, []]));
  const hashes = new Map(variants.map(({ name }): [VariantName, string[]] => [name, []]));
  const until = performance.now() + counts.budgetMs;
  let output: Output | undefined;

  const differing = () => {
    const expected = hashes.get("plain")![0];
    return variants.map(({ name }) => name).filter((name) => hashes.get(name)!.some((hash) => hash !== expected));
  };
  const runRound = async (round: Round) => {
    const times = new Map<VariantName, number>();
    const offset = round.kind === "warm-up" ? 0 : round.number - 1;
    for (let index = 0; index < variants.length; index++) {
      const variant = variants[(index + offset) % variants.length]!;
      listener.runStarts(round, variant.name);
      const cpuBefore = process.cpuUsage();
      const start = performance.now();
      const result = await variant.run(listener.runShare);
      const ms = performance.now() - start;
      const cpu = process.cpuUsage(cpuBefore);
      times.set(variant.name, ms);
      if (round.kind === "round") {
        samples.get(variant.name)!.push(ms);
        cpuSamples.get(variant.name)!.push((cpu.user + cpu.system) / 1_000);
      }
      if (variant === reference) output ??= result;
      const hash = hashOf(result);
      const seen = hashes.get(variant.name)!;
      if (!seen.includes(hash)) seen.push(hash);
    }
    listener.roundEnds(round, times);
  };

  const mayGoOn = (number: number, fewest: number) => number <= fewest || performance.now() < until;
  let warmUps = 0;
  while (warmUps < counts.warmUps && mayGoOn(warmUps + 1, 1)) await runRound({ kind: "warm-up", number: ++warmUps, of: counts.warmUps });
  for (let number = 1; number <= counts.rounds && mayGoOn(number, FEWEST_ROUNDS) && differing().length === 0; number++) {
    await runRound({ kind: "round", number, of: counts.rounds });
  }
  const differs = differing();
  if (differs.length > 0) for (const list of [...samples.values(), ...cpuSamples.values()]) list.length = 0;
  return { warmUps, samples, cpuSamples, hashes, differs, output: output! };
}

export function hashOf(output: Output): string {
  return createHash("sha256").update(output).digest("hex");
}
