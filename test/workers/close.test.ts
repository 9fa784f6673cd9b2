// The end of a runtime: drain → cancel → kill → fence in one budget, whatever its threads do; and the process around it: exit code, signals, output.

import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { f64, Runtime } from "../../src/index.ts";

const url = new URL("../fixtures/doomed-jobs.js", import.meta.url);
type Jobs = typeof import("../fixtures/doomed-jobs.ts");

const program = (name: string) => fileURLToPath(new URL(`../fixtures/processes/${name}.ts`, import.meta.url));
const nodeArgs = (name: string, ...args: (string | number)[]) => ["--import", "tsx", program(name), ...args.map(String)];

function run(name: string, ...args: (string | number)[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, nodeArgs(name, ...args), { timeout: 80_000, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr });
    });
  });
}

vi.setConfig({ testTimeout: 90_000 }); // programs of their own, which on a busy machine take long to start

/** What a close may take beyond its grace here: the 100 ms promised, and what a busy machine adds. */
const SLACK_MS = 1_000;

describe("close returns in its grace, the exit code is kept, every promise settles", () => {
  it.each([
    ["waiting", 100, "ERR_THREAD_DIED killed"],
    ["blocked", 100, "ERR_THREAD_DIED killed"],
    ["spinning", 100, "ERR_THREAD_DIED killed"],
    ["native", 0, "ERR_THREAD_DIED killed"],
    ["native", 100, "ERR_THREAD_DIED killed"],
  ])("while a thread is %s, with %i ms", async (state, graceMs, outcome) => {
    const { code, stdout } = await run("closing", state, graceMs);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ outcome, tasks: { cancelled: 0, stopped: 1 }, threads: { killed: 1 }, isSame: true });
    expect(told.ms).toBeLessThan(graceMs + 100 + SLACK_MS);
    expect(code).toBe(7);
  });

  it("while a thread is a zombie already", async () => {
    const { code, stdout } = await run("closing", "native", 100, "", "killed-before");
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ outcome: "ERR_THREAD_DIED killed", zombiesBefore: 1, tasks: { stopped: 0 } });
    expect(told.ms).toBeLessThan(100 + SLACK_MS);
    expect(code).toBe(7);
  });

  it("while a thread waits in open() for ever: the close returns, and the process can end once the open does", async () => {
    const folder = mkdtempSync(join(tmpdir(), "heddle-fifo-"));
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    const child = spawn(process.execPath, nodeArgs("closing", "fifo", 0, fifo), { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [line] = await once(child.stdout.setEncoding("utf8"), "data");
      expect(JSON.parse(String(line))).toMatchObject({
        outcome: "ERR_THREAD_DIED killed",
        threads: { killed: 1, zombies: [expect.any(Number)] },
      });
      openSync(fifo, "w"); // Node joins its threads before it ends: without this only a signal would end the process
      expect((await once(child, "exit"))[0]).toBe(7);
    } finally {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });
});

describe("SIGTERM, as the recipe in docs/reliability.md has it", () => {
  const terminated = async (state: string) => {
    const child = spawn(process.execPath, nodeArgs("signalled", state), { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      if (out === "") child.kill("SIGTERM");
      out += text;
    });
    const [code] = await once(child, "close");
    return { code, report: JSON.parse(out.split("\n")[1]!) };
  };

  it("lets a task that looks at rt.closing clean up and exits with 0", async () => {
    expect(await terminated("polite")).toEqual({
      code: 0,
      report: { tasks: { cancelled: 0, stopped: 0 }, cleaned: 1 },
    });
  });

  it("stops one that does not look, and the exit code tells", async () => {
    expect(await terminated("stubborn")).toEqual({
      code: 3,
      report: { tasks: { cancelled: 0, stopped: 1 }, cleaned: 0 },
    });
  });
});

describe("what a thread prints", () => {
  it("arrives, every line of it, although the thread is killed before its event loop turns again", async () => {
    const { stdout, stderr } = await run("printing", 200);
    expect(stdout).toBe(Array.from({ length: 200 }, (_, i) => `line ${i}\n`).join(""));
    expect(stderr).toContain("and one for stderr");
  });
});

describe("in this process", () => {
  it("rt.closing ends for the tasks that were given it, before they are killed", async () => {
    const rt = await Runtime.start({ threads: 1 });
    const jobs = rt.module<Jobs>(url);
    const started = rt.channel(f64, 1);
    const cleaned = rt.channel(f64, 1);
    const task = rt.with({ dedicated: true }).go(jobs.heed, rt.closing, started.sender, cleaned.sender);
    await started.recv();
    const closing = rt.close({ graceMs: 20_000 });
    started.close();
    expect(await task).toBe("cleaned up");
    cleaned.close();
    const report = await closing;
    expect(report.tasks).toEqual({ cancelled: 0, stopped: 0 });
    expect(report.threads).toEqual({ killed: 0, zombies: [] });
    expect(() => rt.closing).toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
  });

  it("with an endless grace, rt.closing ends at once and nothing is killed", async () => {
    const rt = await Runtime.start({ threads: 0 });
    const { closing } = rt;
    const report = await rt.close({ graceMs: Number.POSITIVE_INFINITY });
    expect(closing.cancelled).toBe(true);
    expect(report.leftovers).toEqual({ channels: [], waits: 0 });
  });

  it("the second close answers the first's report, with whatever it is called", async () => {
    const rt = await Runtime.start({ threads: 1 });
    const [first, second] = await Promise.all([rt.close({ graceMs: 1_000 }), rt.close({ graceMs: 0 })]);
    expect(second).toBe(first);
    expect(await rt.close()).toBe(first);
  });
});
