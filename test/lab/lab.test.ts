/** The lab as a whole: equal outputs across real variants, the report's shape, and failure when outputs differ. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import { expect, test, vi } from "vitest";
import { archiveOf } from "../../bench/lab/archive/job.ts";
import { backupOf } from "../../bench/lab/backup/job.ts";
import { JOB_NAMES, JOBS } from "../../bench/lab/catalog.ts";
import { censusOf } from "../../bench/lab/census/job.ts";
import { checkOf } from "../../bench/lab/check/job.ts";
import { ingestOf } from "../../bench/lab/ingest/job.ts";
import { journalOf } from "../../bench/lab/journal/job.ts";
import { jsonOf } from "../../bench/lab/json/job.ts";
import { type JobCatalog, runLab } from "../../bench/lab/lab.ts";
import { mandelbrotOf } from "../../bench/lab/mandelbrot/job.ts";
import { outlineOf } from "../../bench/lab/outline/job.ts";
import { type LabReport, labPage } from "../../bench/lab/page.ts";
import { passwordsOf } from "../../bench/lab/passwords/job.ts";
import { puzzlesOf } from "../../bench/lab/puzzles/job.ts";
import { makePuzzles } from "../../bench/lab/puzzles/making.ts";
import { renderOf } from "../../bench/lab/render/job.ts";
import type { JobResult } from "../../bench/lab/result.ts";
import { searchOf } from "../../bench/lab/search/job.ts";
import { readSources, threeRoot } from "../../bench/lab/sources.ts";
import { thumbnailsOf } from "../../bench/lab/thumbnails/job.ts";
import { twinsOf } from "../../bench/lab/twins/job.ts";
import { jobOf, memoryStream, temporaryFolder, variantOf } from "./support.ts";

// Seconds on an idle machine; real threads on a crowded one take their time.
vi.setConfig({ testTimeout: 240_000 });

const math = readSources(threeRoot(), ["src/math"]);
const SMALL: JobCatalog = {
  census: ({ threads }) => censusOf(math, "three/src/math", threads),
  json: (settings) => jsonOf(math, settings, 100_000),
  mandelbrot: ({ threads }) => mandelbrotOf({ width: 96, height: 61, centerX: -0.5, centerY: 0, span: 3, maxIterations: 300 }, threads),
  passwords: ({ threads }) => passwordsOf({ accounts: 7, guesses: 4, cost: 4 }, threads),
  thumbnails: (settings) => thumbnailsOf(math, 5, settings),
  search: ({ threads }) => searchOf(math, { words: ["quaterion"], mistakes: 2 }, 50, threads),
  journal: ({ threads }) => journalOf(math, threads),
  outline: ({ threads }) => outlineOf(math, 4, threads),
  check: ({ threads }) => checkOf(math, 6, threads),
  render: ({ threads }) => renderOf({ width: 40, height: 31, c: [-0.2, 0.8, 0, 0], rounds: 8 }, threads),
  puzzles: ({ threads }) => puzzlesOf(makePuzzles(4), threads),
  backup: ({ threads }) => backupOf(math, threads),
  archive: (settings) => archiveOf(math, 1, settings),
  twins: (settings) => twinsOf(math, 5, settings),
  ingest: ({ threads }) => ingestOf(math, 10, threads),
};
const NAMES = Object.keys(SMALL);

const EFFORT = { warmUps: 1, rounds: 2, budgetMs: 60_000, patienceMs: 0 };

async function lab(catalog: JobCatalog, jobs: string[], threads = 2, effort = EFFORT) {
  const report = temporaryFolder();
  const { stream, text } = memoryStream();
  const code = await runLab({ jobs, threads, quick: true, report }, catalog, stream, effort);
  return { code, text: text(), report, json: JSON.parse(readFileSync(join(report, "lab.json"), "utf8")) };
}

test("the small jobs are those of the catalog", () => {
  expect(NAMES).toEqual(Object.keys(JOBS));
  expect(JOB_NAMES.all).toEqual(NAMES);
  expect(JOB_NAMES.standard).toEqual(NAMES.slice(0, 9));
});

/** Runs these jobs, whose variants are all to agree, and looks at what is said of each. */
async function agreeing(names: string[]) {
  const { code, text, report, json } = await lab(SMALL, names);
  expect(code).toBe(0);
  expect(json.jobs.map((job: JobResult) => job.name)).toEqual(names);
  for (const job of json.jobs as JobResult[]) {
    expect(job).toMatchObject({ equal: true, differs: [], threads: 2, warmUps: 1, rounds: 2 });
    for (const ms of [job.plainMs, job.inlineMs, job.threadsMs, job.ceilingMs]) expect(ms).toBeGreaterThan(0);
    expect(job.speedUp).toBeCloseTo(job.plainMs! / job.threadsMs!, 1);
    expect(job.shareOfCeiling).toBeCloseTo(job.ceilingMs! / job.threadsMs!, 1);
    expect(job.outputSha256).toMatch(/^[0-9a-f]{64}$/);
    for (const hashes of Object.values(job.hashes)) expect(hashes).toEqual([job.outputSha256]);
    for (const samples of Object.values(job.samplesMs)) expect(samples).toHaveLength(2);
    for (const ms of Object.values(job.cpuMs)) expect(ms).toBeGreaterThan(0);
    expect(existsSync(join(report, job.output))).toBe(true);
  }
  for (const word of ["of the ceiling", ...names, "yes", "round 2/2"]) expect(text).toContain(word);
  return { report, json };
}

test("all variants of all standard jobs agree, and the report says so", async () => {
  const { report, json } = await agreeing([...JOB_NAMES.standard]);
  expect(json.machine).toMatchObject({ cores: expect.any(Number), cpuModel: expect.any(String), loadAverage: expect.any(Number) });
  const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(json.input.census).toMatchObject({ files: expect.any(Number), bytes: expect.any(Number), sha256 });
  expect(json.input.json).toMatchObject({ records: expect.any(Number), bytes: expect.any(Number), sha256 });
  expect(json.input.passwords).toMatchObject({ accounts: 7, guesses: 4, cost: 4, sha256 });
  expect(json.input.thumbnails).toMatchObject({ pictures: 5, pixels: expect.any(Number), sha256 });
  for (const name of ["node", "heddle", "acorn", "three", "bcryptjs", "pngjs"]) expect(json.versions[name]).toMatch(/^\d+\.\d+\.\d+/);
  expect(PNG.sync.read(readFileSync(join(report, "mandelbrot.png"))).width).toBe(96);
  expect(JSON.parse(readFileSync(join(report, "census.json"), "utf8")).types[0][0]).toBe("Identifier");
});

test("and those of the jobs that --all adds, and what each shows of its pattern", async () => {
  const { json } = await agreeing(NAMES.slice(JOB_NAMES.standard.length));
  const shown = { render: "beats", puzzles: "won", backup: "rateErrorPercent", archive: "restarts", twins: "calls", ingest: "meanLength" };
  for (const [name, fact] of Object.entries(shown)) expect(json.input[name]).toHaveProperty(fact);
});

test.each([
  ["census", 1],
  ["thumbnails", 1],
  ["mandelbrot", 3],
  ["json", 3],
  ["search", 3],
  ["journal", 1],
  ["outline", 3],
  ["check", 3],
  ["render", 3],
  ["puzzles", 3],
  ["archive", 1],
  ["ingest", 3],
])("and those of %s on threads: %i", async (name, threads) => {
  const { code, json } = await lab(SMALL, [name], threads, { ...EFFORT, warmUps: 0, rounds: 1 });
  expect(code).toBe(0);
  expect(json.jobs[0]).toMatchObject({ name, threads, equal: true });
});

test("an output that differs fails the command, and it says whose", async () => {
  const variants = [
    variantOf("plain", ["right"]),
    variantOf("inline", ["right"]),
    variantOf("threads", ["wrong"]),
    variantOf("ceiling", ["right"]),
  ];
  const { code, text, json } = await lab({ made: () => jobOf(variants) }, ["made"]);
  expect(code).toBe(1);
  expect(text).toContain("the output of threads differs");
  expect(json.jobs[0]).toMatchObject({ equal: false, differs: ["threads"], plainMs: null, threadsMs: null, speedUp: null, rounds: 0 });
});

test("the page is made from the figures, and says what misses its target", async () => {
  const { stream } = memoryStream();
  const report = temporaryFolder();
  const markdown = join(report, "lab.md");
  const { check } = SMALL;
  await runLab({ jobs: ["check"], threads: 2, quick: true, report, markdown }, { check: check! }, stream, { ...EFFORT, rounds: 3 });
  const written = JSON.parse(readFileSync(join(report, "lab.json"), "utf8")) as LabReport;
  expect(readFileSync(markdown, "utf8")).toBe(labPage(written));
  const made = {
    ...written.jobs[0]!,
    plainMs: 100,
    inlineMs: 106,
    threadsMs: 55,
    ceilingMs: 50,
    speedUp: 1.818,
    shareOfCeiling: 0.909,
    inlineToPlain: 1.06,
  };
  const page = labPage({
    ...written,
    jobs: [made, { ...made, shareOfCeiling: 0.95, inlineToPlain: 1.05, equal: false, differs: ["threads"] }],
  });
  expect(page).toContain("| check | error group | 100 | 106 | 55 | 50 | 1.82 × | **0.909** | **1.060** | yes |");
  expect(page).toContain("| 1.82 × | 0.950 | 1.050 | **no**: threads |");
});

test("the plain loops reach for no runtime", () => {
  const seen = new Set<string>();
  const visit = (url: URL) => {
    if (seen.has(url.pathname)) return;
    seen.add(url.pathname);
    for (const [, path] of readFileSync(url, "utf8").matchAll(/^import (?!type).* from "(\..*)";$/gm)) visit(new URL(path!, url));
  };
  for (const job of NAMES) visit(new URL(`../../bench/lab/${job}/plain.ts`, import.meta.url));
  expect(seen.size).toBeGreaterThan(2 * NAMES.length);
  for (const path of seen) expect(path).toContain("/bench/lab/");
});
