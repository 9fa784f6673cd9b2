/** What each pattern of the second half promises, as its job tells it of a run on two threads, and what the jobs' parts do by themselves. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test, vi } from "vitest";
import { gather } from "../../bench/lab/archive/gathering.ts";
import { archiveOf } from "../../bench/lab/archive/job.ts";
import { recodeAll } from "../../bench/lab/archive/recoding.ts";
import { backupOf } from "../../bench/lab/backup/job.ts";
import { type Packed, packFile } from "../../bench/lab/backup/packing.ts";
import { Index } from "../../bench/lab/ingest/indexing.ts";
import { ingestOf } from "../../bench/lab/ingest/job.ts";
import type { Job } from "../../bench/lab/job.ts";
import { puzzlesOf } from "../../bench/lab/puzzles/job.ts";
import { makePuzzles } from "../../bench/lab/puzzles/making.ts";
import { solve, WAYS } from "../../bench/lab/puzzles/sudoku.ts";
import { renderOf } from "../../bench/lab/render/job.ts";
import { drawRows, type Scene } from "../../bench/lab/render/julia.ts";
import { lengthBytes, readSources, threeRoot } from "../../bench/lab/sources.ts";
import { drawPictures } from "../../bench/lab/thumbnails/pictures.ts";
import { twinsOf } from "../../bench/lab/twins/job.ts";
import { likenesses } from "../../bench/lab/twins/likeness.ts";
import { temporaryFolder } from "./support.ts";

vi.setConfig({ testTimeout: 120_000 });

const THREADS = 2;
const math = readSources(threeRoot(), ["src/math"]);
const SCENE: Scene = { width: 48, height: 36, c: [-0.2, 0.8, 0, 0], rounds: 8 };

/** Runs the job on threads; the answer is its facts and its output. */
async function onThreads(job: Job): Promise<{ facts: Record<string, number | string>; output: string; line: string }> {
  const { open, run, close } = job.variants.find(({ name }) => name === "threads")!;
  await open();
  try {
    const output = await run(() => undefined);
    return { facts: job.facts, output: output.toString(), line: job.describe(output) };
  } finally {
    await close();
  }
}

test("heartbeat: a beat for every row, and a progress that never goes back", async () => {
  const { facts, line } = await onThreads(renderOf(SCENE, THREADS));
  expect(facts).toMatchObject({ beats: SCENE.height, back: 0 });
  expect(facts.looks).toBeGreaterThan(0);
  expect(line).toContain("36 beats for 36 rows");
});

test("replicated requests: every puzzle has one winner, and every loser has stopped", async () => {
  const { facts } = await onThreads(puzzlesOf(makePuzzles(5), THREADS));
  const won = String(facts.won).split(" ").map(Number);
  expect(won).toHaveLength(THREADS);
  expect(won.reduce((sum, n) => sum + n, 0)).toBe(5);
  expect(facts.losersStopped).toBe(5 * (THREADS - 1));
});

test("rate limiting: every block asked, and the rate kept by all threads together", async () => {
  const { facts, output } = await onThreads(backupOf(math, THREADS));
  const blocks = (JSON.parse(output) as Packed[]).reduce((sum, file) => sum + file.blocks.length, 0);
  expect(Number(facts.traced) + Number(facts.untraced)).toBe(blocks);
  expect(facts.rateErrorPercent).toBeLessThan(1);
});

test("self-healing: a thread dies of each spoilt file, and the output is whole", async () => {
  const { facts, output } = await onThreads(archiveOf(math, 2, { folder: temporaryFolder(), threads: THREADS }));
  expect(facts).toMatchObject({ spoilt: 2, restarts: 2, diedOf: "ERR_THREAD_DIED", twice: 0 });
  const { recoded, setAside } = JSON.parse(output) as ReturnType<typeof recodeAll>;
  expect([recoded.length, setAside.length]).toEqual([math.files.length - 2, 2]);
});

test("pooling: a call for each picture, one scratch a thread", async () => {
  const { facts } = await onThreads(twinsOf(math, 6, { folder: temporaryFolder(), threads: THREADS }));
  expect(facts).toMatchObject({ calls: 6, scratchesAThread: 1 });
  expect(facts.usesOfOne).toBeGreaterThan(1);
});

test("queuing: what is refused comes back once, and arrivals times waiting is the length", async () => {
  const { facts, line } = await onThreads(ingestOf(math, 10, THREADS));
  expect(facts.returned).toBe(2 * Number(facts.damaged));
  const { arrivalsPerSecond, waitingMs, meanLength } = facts as Record<string, number>;
  expect(waitingMs).toBeGreaterThan(0);
  expect(meanLength).toBeCloseTo((arrivalsPerSecond! * waitingMs!) / 1_000, 0);
  expect(line).toContain(`${facts.damaged} refused`);
});

test("a puzzle has one solution, whatever the way; one that is over is given up; one without is refused", () => {
  for (const puzzle of makePuzzles(3)) {
    const solution = solve(puzzle, 0)!;
    expect(solution).toMatch(/^[1-9]{81}$/);
    for (let i = 0; i < puzzle.length; i++) if (puzzle[i] !== ".") expect(solution[i]).toBe(puzzle[i]);
    for (let way = 1; way < WAYS; way++) expect(solve(puzzle, way)).toBe(solution);
  }
  expect(makePuzzles(2)).toEqual(makePuzzles(3).slice(0, 2));

  const isLong = makePuzzles(9).map((puzzle) => solve(puzzle, 2, () => true)); // its slowest way
  expect(isLong).toContain(undefined);
  expect(() => solve(`12345678.${".".repeat(8)}9${".".repeat(63)}`, 0)).toThrow("a puzzle with a solution");
});

test("rows of a scene are the same however they are dealt out", () => {
  const rowBytes = SCENE.width * 3;
  const whole = drawRows({ scene: SCENE, first: 0, step: 1, count: SCENE.height });
  const odd = drawRows({ scene: SCENE, first: 1, step: 2, count: SCENE.height / 2 });
  for (const row of [0, 7, 17]) {
    const expected = whole.subarray((2 * row + 1) * rowBytes, (2 * row + 2) * rowBytes);
    expect(odd.subarray(row * rowBytes, (row + 1) * rowBytes)).toEqual(expected);
  }
  expect(new Set(whole).size).toBeGreaterThan(50); // something is to be seen
});

test("a packed file has all its blocks, and others than another's", () => {
  const seen: string[] = [];
  const [one, other] = [math.files[0]!, math.files[1]!];
  const packed = packFile(math.root, one.path, (hash) => seen.push(hash));
  expect(packed).toMatchObject({ path: one.path, bytes: lengthBytes(one), blocks: seen });
  expect(seen).toHaveLength(Math.ceil(lengthBytes(one) / 8_192));
  expect(packFile(math.root, other.path).blocks[0]).not.toBe(seen[0]);
});

test("what is spoilt cannot be unpacked, the rest can", () => {
  const { folder, files, spoilt } = gather(math, temporaryFolder(), 3);
  const { setAside, recoded } = recodeAll({ folder, names: files.map(({ name }) => name) });
  expect([spoilt, setAside.length, recoded.length]).toEqual([3, 3, files.length - 3]);
  for (const name of setAside)
    expect(() => gunzipSync(readFileSync(join(folder, name)))).toThrow(expect.objectContaining({ code: "Z_DATA_ERROR" }));
});

test("a picture is like itself, and not like another", () => {
  const folder = temporaryFolder();
  const { files } = drawPictures(readSources(threeRoot(), ["src/core"]), folder, 2);
  const names = files.map(({ name }) => name);
  const [one, other, again] = likenesses({ folder, names: [names[0]!, names[1]!, names[0]!] });
  expect(one!.bits).toMatch(/^[0-9a-f]{16}$/);
  expect(again).toEqual(one);
  expect(other!.bits).not.toBe(one!.bits);
});

test("an index counts names, adds up, and takes nothing of what is damaged", () => {
  const index = new Index();
  const { path } = math.files[0]!;
  expect(() => index.add(math.root, { path, damaged: true })).toThrow(expect.objectContaining({ code: "E_NOT_A_MODULE" }));
  expect([index.documents, index.counts]).toEqual([0, []]);
  index.add(math.root, { path, damaged: false });
  const once = new Map(index.counts);
  index.merge(index.counts);
  expect(index.documents).toBe(1);
  for (const [name, count] of index.counts) expect(count).toBe(2 * once.get(name)!);
});
