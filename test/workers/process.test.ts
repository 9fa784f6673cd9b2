// The process: it lives while something is pending, exits by itself when nothing is, and a failure nobody looked after is loud.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

interface Ended {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

function run(name: string, ...args: (string | number)[]): Promise<Ended> {
  const file = fileURLToPath(new URL(`../fixtures/processes/${name}.ts`, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, ["--import", "tsx", file, ...args.map(String)], { timeout: 20_000 }, (error, stdout, stderr) => {
      const { code = 0, signal = null } = (error ?? {}) as { code?: number; signal?: string | null };
      resolve({ code, signal, stdout, stderr });
    });
  });
}

describe.each([0, 2])("a process with threads: %i", (threads) => {
  it("exits by itself with code 0 when nothing is pending, closed or not", async () => {
    expect(await run("idle", threads)).toMatchObject({ code: 0, signal: null, stdout: "3\n" });
  });

  it("stays while it waits to receive and a peer lives", async () => {
    expect(await run("pending", threads)).toMatchObject({ code: 0, signal: null, stdout: "received 7\n" });
  });

  it("stays until a task nobody joined has ended", async () => {
    expect(await run("unjoined", threads, "well")).toMatchObject({ code: 0, signal: null, stdout: "printed later\n" });
  });

  it("stays until a task started by a task has ended", async () => {
    expect(await run("unjoined", threads, "grandchild")).toMatchObject({ code: 0, signal: null, stdout: "printed by a grandchild\n" });
  });

  it("a failed task nobody joined is an unhandled rejection with the task's own stack", async () => {
    const ended = await run("unjoined", threads, "fails");
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/RangeError: boom[\s\S]*jobs\.ts[\s\S]*E_BOOM/);
  });

  it("a failed task that a task started and nobody joined, too", async () => {
    const ended = await run("unjoined", threads, "nested");
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/RangeError: boom[\s\S]*E_BOOM/);
  });
});
