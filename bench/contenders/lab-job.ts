/**
 * A job of the lab as a contender, in one of its four variants: the plain loop, Heddle on the calling thread, Heddle on threads, bare Workers with the
 * work split beforehand. What it comes to is told by its hash, which must be that of the plain loop.
 */
import { createHash } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { join } from "node:path";
import { projectRoot } from "../harness/machine.ts";
import type { Contender, Sample, Seen } from "../harness/scenario.ts";
import type { Job, Output, Variant, VariantName } from "../lab/job.ts";
import { nowNs } from "./clock.ts";

const THREADS = 2;
/** Where a job puts an input that it makes itself, as the lab does. */
const FOLDER = join(projectRoot(), "report");

const NAMES: Readonly<Record<VariantName, Pick<Contender, "name" | "family">>> = {
  plain: { name: "plain", family: "plain" },
  inline: { name: "heddle, threads: 0", family: "heddle" },
  threads: { name: "heddle", family: "heddle" },
  ceiling: { name: "bare Workers", family: "workers" },
};

async function made(name: string, quick: boolean): Promise<Job> {
  const { JOBS } = await import("../lab/catalog.ts");
  return JOBS[name]!({ size: quick ? "quick" : "full", threads: THREADS, folder: FOLDER });
}

async function variantOf(name: string, variant: VariantName, quick: boolean): Promise<Variant> {
  return (await made(name, quick)).variants.find((one) => one.name === variant)!;
}

const nothing = () => undefined;

export function labJob(job: string, variant: VariantName, quick: boolean): Contender {
  let program: Variant;
  let by: string;
  return {
    ...NAMES[variant],
    async open() {
      program = await variantOf(job, variant, quick);
      by = await watched(program);
    },
    async run(): Promise<Sample> {
      const begun = nowNs();
      const output = await program.run(nothing);
      const ns = nowNs() - begun;
      return { value: ns / 1e6, seen: seenOf(output), by };
    },
    close: async () => program?.close(),
  };
}

/** What the plain loop gives, in this process, which measures nothing. */
export async function labReference(job: string, quick: boolean): Promise<Seen> {
  const plain = await variantOf(job, "plain", quick);
  await plain.open();
  try {
    return seenOf(await plain.run(nothing));
  } finally {
    await plain.close();
  }
}

/** 48 bits of the hash, which a number holds. */
function seenOf(output: Output): Seen {
  return { length: output.length, hash: Number.parseInt(createHash("sha256").update(output).digest("hex").slice(0, 12), 16) };
}

const TASKS = "tracing:heddle.task:start";

/** Opens a variant and does the job once: who it was is told by the Workers that Node starts for it and the tasks that Heddle starts. */
async function watched(program: Variant): Promise<string> {
  let workers = 0;
  let tasks = 0;
  const onWorker = () => workers++;
  const onTask = () => tasks++;
  process.on("worker", onWorker);
  subscribe(TASKS, onTask);
  try {
    await program.open();
    await program.run(nothing);
  } finally {
    process.off("worker", onWorker);
    unsubscribe(TASKS, onTask);
  }
  if (tasks > 0) return `heddle, ${workers === 0 ? "threads: 0" : `${workers} threads`}`;
  return workers === 0 ? "plain" : `bare Workers, ${workers} threads`;
}
