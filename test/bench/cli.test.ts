/** The command line: what it understands, and what it says to what it does not. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseCommandLine } from "../../bench/harness/cli.ts";

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
  return { parsed: parseCommandLine(argv, ["channels", "tasks", "memory"], streams), out, err };
}

test("everything said", () => {
  const argv =
    "--suite memory,channels,memory --contenders go,heddle --rounds 9 --full --patience 5 --json a.json --markdown b.md --html c.html".split(
      " ",
    );
  expect(parse(...argv).parsed).toEqual({
    suites: ["channels", "memory"],
    contenders: ["heddle", "go"],
    rounds: 9,
    quick: false,
    patienceMs: 5_000,
    json: "a.json",
    markdown: "b.md",
    html: "c.html",
    from: undefined,
  });
});

test("the quick form has fewer rounds", () => {
  expect(parse().parsed).toMatchObject({ quick: true, rounds: 3 });
  expect(parse("--rounds", "5").parsed).toMatchObject({ quick: true, rounds: 5 });
});

test("help names the suites, the contenders and the exit codes", () => {
  const { parsed, out } = parse("--help");
  expect(parsed).toBe(0);
  for (const word of ["channels", "memory", "message-port", "piscina", "--rounds", "--full", "--html", "--markdown", "Exit codes"])
    expect(out).toContain(word);
});

test.each([
  [
    ["--suite", "sockets"],
    ["Unknown suite 'sockets'", "channels, tasks, memory"],
  ],
  [
    ["--contenders", "go,java"],
    ["Unknown contender 'java'", "heddle, plain, workers, message-port"],
  ],
  [["--suite", ""], ["Unknown suite ''"]],
  [["--suite"], ["argument missing"]],
  [["--rounds", "0"], ["whole number from 1 to"]],
  [["--rounds", "1.5"], ["whole number from 1 to"]],
  [["--rounds", "many"], ["whole number from 1 to"]],
  [["--patience", "-1"], ["whole number from 0 to"]],
  [["--from", "a.json"], ["needs '--html <file>' or '--markdown <file>'"]],
  [["--fast"], ["unknown option '--fast'"]],
  [["channels"], ["too many arguments"]],
])("%j is refused with what is wrong", (argv, words) => {
  const { parsed, err } = parse(...argv);
  expect(parsed).toBe(2);
  for (const word of words) expect(err).toContain(word);
});

test("the command itself: exit code 2, the choices, and no stack", () => {
  const main = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", main, "--suite", "sockets"], { encoding: "utf8" });
  expect(stderr).toContain("Choose from: channels, sync, tasks, pool, lab");
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe("");
  expect(status).toBe(2);
});
