/**
 * Own process, inside: finds its contender by name, opens it, runs a round for each order, closes it. Started by own-process.ts.
 */
import { watchOthers } from "../lab/idle-gate.ts";
import { SUITES } from "../suites/index.ts";
import type { Contender, Sample } from "./scenario.ts";

/** Which contender of which row. */
export interface Which {
  readonly suite: string;
  readonly scenario: string;
  readonly contender: string;
  readonly quick: boolean;
}

export type Order = "open" | "run" | "close";

export interface Answer {
  readonly error?: string;
  /** Of a round: what it measured and saw, what share of all cores others used meanwhile, and how long it took. */
  readonly sample?: Sample;
  readonly othersShare?: number;
  readonly ms?: number;
}

function find({ suite, scenario, contender, quick }: Which): Contender {
  const row = SUITES.find((one) => one.name === suite)
    ?.scenarios({ quick })
    .find((one) => one.title === scenario);
  const found = row?.contenders.find((one) => one.name === contender);
  if (!found) throw new Error(`expected a contender of the benchmark, got ${contender} in ${scenario} of ${suite}`);
  return found;
}

const contender = find(JSON.parse(process.argv[2]!) as Which);

async function obey(order: Order): Promise<Answer> {
  if (order !== "run") {
    await contender[order]();
    return {};
  }
  const watch = watchOthers();
  const begun = performance.now();
  const sample = await contender.run();
  return { sample, othersShare: watch(), ms: performance.now() - begun };
}

process.on("disconnect", () => process.exit()); // the run has ended, in whatever way
process.on("message", (order: Order) => {
  obey(order).then(
    (answer) => process.send!(answer),
    (error: Error) => process.send!({ error: error.message } satisfies Answer),
  );
});
