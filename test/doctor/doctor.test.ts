// The doctor: each check can say each of its verdicts, what a check throws is a finding, and the command prints them and exits accordingly.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { checkEngine, thisEngine } from "../../src/doctor/engine.ts";
import { CHECKS, examine } from "../../src/doctor/examination.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { findingText, summaryText } from "../../src/doctor/findings-text.ts";
import { checkFlags, type Flags } from "../../src/doctor/flags.ts";
import { checkHeap } from "../../src/doctor/heap.ts";
import { checkKills, killControl, killTransitions } from "../../src/doctor/kills.ts";
import { checkLoops } from "../../src/doctor/loops.ts";
import { checkCores, checkMemory } from "../../src/doctor/machine.ts";
import { checkThreads } from "../../src/doctor/threads.ts";

const MAIN = fileURLToPath(new URL("../../src/doctor/main.ts", import.meta.url));
const GIB = 2 ** 30;

/** Runs the command from its sources. */
async function command(args: readonly string[], flags: readonly string[] = []): Promise<{ code: number; stdout: string; stderr: string }> {
  const run = promisify(execFile)(process.execPath, [...flags, "--import", "tsx", MAIN, ...args], { timeout: 60_000 });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );
}

describe("the engine", () => {
  const good = { node: "22.23.3", v8: "12.4", hasWasm: true, hasAsyncWait: true };

  it("this one has all that is needed", () => {
    expect(checkEngine(thisEngine())).toMatchObject({ name: "node", facts: { hasWasm: true, hasAsyncWait: true } });
    expect(checkEngine(thisEngine()).verdict).not.toBe("fail");
  });

  it.each([
    ["a verified version", good, "ok"],
    ["the first of all", { ...good, node: "20.19.0" }, "ok"],
    ["one that was not verified", { ...good, node: "25.1.0" }, "warn"],
    ["one that is too old", { ...good, node: "20.18.3" }, "fail"],
    ["one without WebAssembly", { ...good, hasWasm: false }, "fail"],
    ["one without waitAsync", { ...good, hasAsyncWait: false }, "fail"],
  ] as const)("%s", (_, engine, verdict) => {
    expect(checkEngine(engine).verdict).toBe(verdict);
  });
});

describe("flags", () => {
  const permission = (allowed: readonly string[]): Flags["permission"] => ({ has: (scope) => allowed.includes(scope) });

  it.each([
    ["none", { given: [], permission: undefined }, "ok"],
    ["others", { given: ["--enable-source-maps"], permission: undefined }, "ok"],
    ["--jitless", { given: ["--jitless"], permission: undefined }, "fail"],
    ["a limit of memory", { given: ["--max-old-space-size=100"], permission: undefined }, "warn"],
    ["permission without workers", { given: ["--permission"], permission: permission([]) }, "fail"],
    ["permission with workers", { given: ["--permission"], permission: permission(["worker"]) }, "ok"],
  ] as const)("%s", (_, flags, verdict) => {
    expect(checkFlags(flags).verdict).toBe(verdict);
  });
});

describe("the machine", () => {
  it("cores: the quota counts where it is less", () => {
    expect(checkCores(8, Number.POSITIVE_INFINITY)).toMatchObject({ verdict: "ok", facts: { usable: 8, quota: null } });
    expect(checkCores(8, 2.5)).toMatchObject({ verdict: "ok", facts: { usable: 2, quota: 2.5 } });
    expect(checkCores(8, 0.5)).toMatchObject({ verdict: "warn", facts: { usable: 1 } });
    expect(checkCores(1, Number.POSITIVE_INFINITY).verdict).toBe("warn");
    expect(checkCores().facts.usable).toBeGreaterThanOrEqual(1);
  });

  it("memory: the container's limit counts where there is one", () => {
    expect(checkMemory(8 * GIB, 0)).toMatchObject({ verdict: "ok", facts: { limitMib: null } });
    expect(checkMemory(8 * GIB, 2 ** 60)).toMatchObject({ verdict: "ok", facts: { limitMib: null } }); // how "no limit" reads
    expect(checkMemory(8 * GIB, GIB / 4)).toMatchObject({ verdict: "warn", facts: { limitMib: 256 } });
    expect(checkMemory().facts.totalMib).toBeGreaterThan(0);
  });

  it("heap: of the default size, or less where the system refuses", () => {
    expect(checkHeap()).toMatchObject({ verdict: "ok", facts: { ceilingBytes: GIB / 2 } });
    expect(checkHeap(2 ** 33)).toMatchObject({ verdict: "warn" }); // more than 32 bits can address
  });
});

describe("threads", () => {
  it("start, answer and are gone", async () => {
    const { verdict, facts } = await checkThreads();
    expect(verdict).toBe("ok");
    expect(facts.roundMicros).toBeGreaterThan(0);
  });
});

describe("kills", () => {
  it("a kill among transitions leaves nothing held or torn; one in a loop does", async () => {
    expect(await killTransitions(24)).toEqual({ kills: 24, held: 0, torn: 0 });
    const control = await killControl(24);
    expect(control.kills).toBe(24);
    expect(control.torn).toBeGreaterThan(0);
  });

  it("says how many", async () => {
    expect(await checkKills(8)).toMatchObject({ name: "kills", facts: { kills: 8, held: 0, torn: 0, controlKills: 2 } });
  });
});

describe("loops", () => {
  it.each([
    ["stopped", "stopped", "ok", null],
    ["stopped with the flag", "unstoppable", "warn", true],
  ] as const)("%s", async (_, plain, verdict, stoppedWithFlag) => {
    const finding = await checkLoops(async (flags) => (flags.length > 0 ? "stopped" : plain));
    expect(finding).toMatchObject({ verdict, facts: { stoppedWithFlag } });
  });

  it("never stopped", async () => {
    const finding = await checkLoops(async () => "unstoppable");
    expect(finding).toMatchObject({ verdict: "warn", facts: { stopped: false, stoppedWithFlag: false } });
  });

  it("not to be looked at", async () => {
    const denied = () => Promise.reject(Object.assign(new Error("no processes"), { code: "ERR_ACCESS_DENIED" }));
    expect(await checkLoops(denied)).toMatchObject({ verdict: "warn", facts: { stopped: null } });
    await expect(checkLoops(() => Promise.reject(new Error("else")))).rejects.toThrow("else");
  });

  it("a real one, in a process of its own: not stopped from V8 13 on, unless by the flag", async () => {
    const hasFault = Number.parseInt(process.versions.v8, 10) >= 13;
    expect((await checkLoops()).facts).toEqual({ stopped: !hasFault, stoppedWithFlag: hasFault ? true : null });
  });
});

describe("an examination", () => {
  const finding: Finding = { name: "a", verdict: "ok", seen: "s", means: "m", facts: {} };

  it("makes the other checks when one throws", async () => {
    const findings: Finding[] = [];
    const bad = () => Promise.reject(Object.assign(new Error("no threads"), { code: "ERR_ACCESS_DENIED" }));
    for await (const one of examine([
      { name: "bad", look: bad },
      { name: "a", look: () => finding },
    ])) {
      findings.push(one);
    }
    expect(findings).toEqual([
      expect.objectContaining({
        name: "bad",
        verdict: "fail",
        seen: "ERR_ACCESS_DENIED: no threads",
        facts: { code: "ERR_ACCESS_DENIED" },
      }),
      finding,
    ]);
  });

  it("in words", () => {
    expect(findingText({ ...finding, todo: "t" }).split("\n")).toEqual(["ok    a        s", `${" ".repeat(15)}m`, `${" ".repeat(15)}→ t`]);
    expect(summaryText([finding])).toBe("Heddle works here.");
    expect(summaryText([finding, { ...finding, verdict: "warn" }])).toBe("Heddle works here, with 1 limit worth knowing.");
    expect(summaryText([finding, { ...finding, verdict: "fail" }])).toMatch(/^1 of 2 checks failed/);
  });
});

describe("the command", () => {
  it("--json: all findings, and a failure of one in the exit code", async () => {
    const { code, stdout } = await command(["doctor", "--json"], ["--jitless"]);
    const { ok, node, findings } = JSON.parse(stdout);
    expect({ code, ok, node, names: findings.map(({ name }: Finding) => name) }).toEqual({
      code: 1,
      ok: false,
      node: process.version,
      names: CHECKS.map(({ name }) => name),
    });
    expect(findings.find(({ name }: Finding) => name === "heap")).toMatchObject({
      verdict: "fail",
      facts: { code: "ERR_WASM_UNAVAILABLE" },
    });
  });

  it("says how it is called", async () => {
    expect(await command(["--help"])).toMatchObject({ code: 0, stdout: expect.stringContaining("usage: heddle doctor") });
    for (const wrong of [[], ["doctor", "--loud"]]) {
      expect(await command(wrong)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("usage: heddle doctor") });
    }
  });
});
