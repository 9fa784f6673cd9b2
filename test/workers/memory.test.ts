// The heap watchdog and killable loops. What would end the process if it went wrong runs in a process of its own; all nine patterns on every Node
// version: npm run matrix:memory.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Runtime } from "../../src/index.ts";
import { leftovers, NOTHING, until } from "../support/heap.ts";

type Hogs = typeof import("../fixtures/memory-hogs.js");
const url = new URL("../fixtures/memory-hogs.js", import.meta.url);
const canAskFromOutside = Number.parseInt(process.versions.node, 10) >= 22;
const hasUnkillableLoops = Number.parseInt(process.versions.v8, 10) >= 13;

function node(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["--import", "tsx", ...args], { timeout: 100_000, killSignal: "SIGKILL" }, (_, stdout, stderr) => {
      resolve({ stdout, stderr });
    });
  });
}

describe("a thread that uses more heap than it may", () => {
  it("is stopped with the reason, by the watchdog or at the end of its task, and replaced", async () => {
    const rt = await Runtime.start({ threads: 1, threadHeapMb: 48, killableLoops: false });
    const jobs = rt.module<Hogs>(url);
    const threadId = rt.threadIds[0]!;
    expect(await rt.go(jobs.add, 1, 1)).toBe(2);
    expect(rt.deaths).toEqual([]); // it uses little so far
    const kept = rt.go(jobs.keep, 80);
    const outcome = await kept.ended;
    expect(["finished", "died"]).toContain(outcome);
    if (outcome === "died") await expect(kept).rejects.toMatchObject({ code: "ERR_THREAD_DIED", kind: "out-of-memory", threadId });
    await until(() => rt.deaths.length === 1, "it is stopped");
    expect(rt.deaths).toMatchObject([{ threadId, reason: { kind: "out-of-memory" }, text: expect.stringContaining("out of memory") }]);
    expect(await rt.go(jobs.add, 2, 1)).toBe(3);
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("lives where nobody set a limit", async () => {
    const rt = await Runtime.start({ threads: 1, killableLoops: false });
    const jobs = rt.module<Hogs>(url);
    expect(await rt.go(jobs.keep, 80)).toBe(80);
    expect(await rt.go(jobs.add, 1, 1)).toBe(2);
    expect(rt.deaths).toEqual([]);
    await rt.close();
  });

  it.runIf(canAskFromOutside)(
    "in the middle of a computation: the process lives, others do not notice (all nine patterns: R9)",
    async () => {
      const script = fileURLToPath(new URL("../chaos/memory.js", import.meta.url));
      const { stdout } = await node(script, "--api", "src/index.ts", "--patterns", "oneArray,arrays");
      expect(JSON.parse(stdout)).toMatchObject({ runs: 2, survived: 2, failed: [] });
    },
    120_000,
  );

  it("bad input: a coded error says what was expected", async () => {
    for (const threadHeapMb of [0, 15, Number.NaN, "64", null]) {
      await expect(Runtime.start({ threads: 1, threadHeapMb: threadHeapMb as number })).rejects.toMatchObject({
        code: "ERR_INVALID_ARG",
        message: expect.stringContaining("threadHeapMb"),
      });
    }
    await expect(Runtime.start({ threads: 1, killableLoops: 1 as unknown as boolean })).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
  });
});

describe("killableLoops", () => {
  const start = (option: string, flags: string[] = []) =>
    node(...flags, "-e", `import("./src/index.ts").then(async ({ Runtime }) => (await Runtime.start({ threads: 1, ${option} })).close())`);

  it("not said: a warning with a code where the engine needs the flag, none elsewhere", async () => {
    const { stderr } = await start("");
    if (hasUnkillableLoops) expect(stderr).toContain("[HEDDLE_UNKILLABLE_LOOPS] HeddleWarning");
    else expect(stderr).toBe("");
  });

  it.each(["killableLoops: true", "killableLoops: false"])("%s: no warning", async (option) => {
    expect((await start(option)).stderr).toBe("");
  });

  it.runIf(hasUnkillableLoops)("the flag is set already: no warning", async () => {
    expect((await start("", ["--no-turboshaft-loop-unrolling"])).stderr).toBe("");
  });
});

it("the watchdog is no timer that anybody waits for", async () => {
  const rt = await Runtime.start({ threads: 1, threadHeapMb: 512 });
  expect(rt.leftovers().timers).toBe(0);
  await rt.close();
});
