/** The command line: what it understands, and what it says to what it does not. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseCommandLine } from "../../bench/lab/cli.ts";

function parse(...argv: string[]) {
  let out = "";
  let err = "";
  const streams = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
  };
  return { parsed: parseCommandLine(argv, { standard: ["census"], all: ["census", "mandelbrot"] }, streams), out, err };
}

test("nothing said: the standard jobs on all cores", () => {
  expect(parse().parsed).toEqual({
    jobs: ["census"],
    threads: availableParallelism(),
    quick: false,
    report: "report",
  });
});

test("--all: all jobs", () => {
  expect(parse("--all").parsed).toMatchObject({ jobs: ["census", "mandelbrot"] });
  expect(parse("--all").parsed).not.toHaveProperty("all");
});

test("everything said", () => {
  const { parsed } = parse(
    "--jobs",
    "mandelbrot, census,census",
    "--threads",
    "3",
    "--quick",
    "--report",
    "elsewhere",
    "--markdown",
    "lab.md",
  );
  expect(parsed).toEqual({ jobs: ["mandelbrot", "census"], threads: 3, quick: true, report: "elsewhere", markdown: "lab.md" });
});

test("help names the jobs, the options and the exit codes", () => {
  const { parsed, out } = parse("--help");
  expect(parsed).toBe(0);
  for (const word of ["census", "mandelbrot", "--jobs", "--all", "--threads", "--quick", "--report", "Exit codes"])
    expect(out).toContain(word);
});

test.each([
  [
    ["--jobs", "sudoku"],
    ["Unknown job 'sudoku'", "census, mandelbrot"],
  ],
  [
    ["--jobs", "census,sudoku,chess"],
    ["'sudoku', 'chess'", "census, mandelbrot"],
  ],
  [
    ["--jobs", ""],
    ["Unknown job ''", "census, mandelbrot"],
  ],
  [["--jobs"], ["--jobs <names>", "argument missing"]],
  [
    ["--all", "--jobs", "census"],
    ["'--all' cannot be used with", "'--jobs <names>'"],
  ],
  [["--threads", "0"], ["whole number from 1 to"]],
  [["--threads", "-1"], ["whole number from 1 to"]],
  [["--threads", "1.5"], ["whole number from 1 to"]],
  [["--threads", "two"], ["whole number from 1 to"]],
  [["--threads", "1e9"], ["whole number from 1 to"]],
  [["--threads", "NaN"], ["whole number from 1 to"]],
  [["--fast"], ["unknown option '--fast'"]],
  [["census"], ["too many arguments"]],
])("%j is refused with what is wrong", (argv, words) => {
  const { parsed, err } = parse(...argv);
  expect(parsed).toBe(2);
  for (const word of words) expect(err).toContain(word);
});

test("the command itself: exit code 2, the choices, and no stack", () => {
  const main = fileURLToPath(new URL("../../bench/lab/main.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", main, "--jobs", "sudoku"], { encoding: "utf8" });
  expect(stderr).toContain(
    "Choose from: census, json, mandelbrot, passwords, thumbnails, search, journal, outline, check, render, puzzles, backup, archive, twins, ingest.",
  );
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe("");
  expect(status).toBe(2);
});
