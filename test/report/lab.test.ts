/** The lab and its page: written beside the figures, with a recording of each job, which is compared like every other run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Job, Output, Variant } from "../../bench/lab/job.ts";
import { type JobCatalog, runLab } from "../../bench/lab/lab.ts";
import { outlineOf } from "../../bench/lab/outline/job.ts";
import { readSources, threeRoot } from "../../bench/lab/sources.ts";
import { jobOf, memoryStream, temporaryFolder, variantOf } from "../lab/support.ts";
import { attribute, read, recordingOfTurns, textOf } from "./support.ts";

vi.setConfig({ testTimeout: 120_000 });

const EFFORT = { warmUps: 0, rounds: 2, budgetMs: 60_000, patienceMs: 0 };

async function lab(catalog: JobCatalog) {
  const report = temporaryFolder();
  const { stream, text } = memoryStream();
  const code = await runLab({ jobs: Object.keys(catalog), threads: 2, quick: true, report }, catalog, stream, EFFORT);
  const file = (name: string) => readFileSync(join(report, name), "utf8");
  return { code, text: text(), page: read(file("index.html")), job: JSON.parse(file("lab.json")).jobs[0], file };
}

test("a real job on real threads: its page, its picture, its trace", async () => {
  const { code, text, page, job, file } = await lab({
    outline: ({ threads }) => outlineOf(readSources(threeRoot(), ["src/math"]), 4, threads),
  });
  expect(code).toBe(0);
  expect(text).toContain("index.html");
  expect(job.trace).toBe("trace-outline.json");
  expect(page.errors).toEqual([]);
  const [section] = page.elements("section");
  expect(textOf(section!)).toContain(`${job.input.pages} calls of fillPage; ${job.input.pages} tasks`);
  expect(textOf(section!)).toContain(job.outcome);
  expect(page.elements("a").map((a) => attribute(a, "href"))).toEqual(
    expect.arrayContaining(["trace-outline.json", "outline.txt", "lab.json"]),
  );
  const { traceEvents } = JSON.parse(file(job.trace)) as { traceEvents: { cat?: string; ph: string }[] };
  expect(traceEvents.filter(({ cat, ph }) => cat === "call" && ph === "X")).toHaveLength(job.input.pages);
});

function madeJob(recorded: Output): Job {
  const record: NonNullable<Variant["record"]> = async () => ({ output: recorded, recording: recordingOfTurns(3) });
  const variants = (["plain", "inline", "threads", "ceiling"] as const).map((name) => variantOf(name, ["right"]));
  return jobOf(variants.map((variant) => (variant.name === "threads" ? { ...variant, record } : variant)));
}

test("a recorded run that gives the same is shown", async () => {
  const { code, page, job } = await lab({ made: () => madeJob("right") });
  expect(code).toBe(0);
  expect(job).toMatchObject({ equal: true, rounds: 2, trace: "trace-made-up.json" });
  expect(textOf(page.elements("section")[0]!)).toContain("3 calls of work");
});

test("a recorded run that gives something else refutes the job: no speed, no picture, exit code 1", async () => {
  const { code, text, page, job } = await lab({ made: () => madeJob("wrong") });
  expect(code).toBe(1);
  expect(text).toContain("the output of threads differs");
  expect(job).toMatchObject({ equal: false, differs: ["threads"], threadsMs: null, speedUp: null, rounds: 0, trace: null });
  expect(job.hashes.threads).toHaveLength(2);
  const [section] = page.elements("section");
  expect(textOf(section!)).toContain("Wrong: the output of threads differs");
  expect(textOf(section!)).not.toMatch(/calls of work|\d ms/);
});
