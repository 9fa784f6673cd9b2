/**
 * Native: a program of bench/native, compiled once a run and started once a round. It prints what it measured and what it saw.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { interruption } from "../harness/interruption.ts";
import { firstLine, projectRoot } from "../harness/machine.ts";
import type { Contender, Family, Sample, Seen } from "../harness/scenario.ts";

const run = promisify(execFile);
const untilInterrupted = { signal: interruption.signal, killSignal: "SIGKILL" } as const;

/** A compiler, and the program it is for. */
interface Toolchain {
  readonly family: Family;
  readonly version: readonly [command: string, ...args: string[]];
  readonly source: string;
  compile(source: string, binary: string): readonly [command: string, ...args: string[]];
}

export const GO: Toolchain = {
  family: "go",
  version: ["go", "version"],
  source: "chan.go",
  compile: (source, binary) => ["go", "build", "-o", binary, source],
};

export const RUST: Toolchain = {
  family: "rust",
  version: ["rustc", "--version"],
  source: "mpsc.rs",
  compile: (source, binary) => ["rustc", "-O", "-o", binary, source],
};

interface Built {
  readonly binary?: string;
  readonly missing?: string;
}
const built = new Map<Toolchain, Built>();

function build(toolchain: Toolchain): Built {
  const known = built.get(toolchain);
  if (known) return known;
  const made = compile(toolchain);
  built.set(toolchain, made);
  return made;
}

function compile(toolchain: Toolchain): Built {
  const [command, ...args] = toolchain.version;
  if (firstLine(command, args) === undefined) return { missing: `${command} is not installed` };
  const folder = mkdtempSync(join(tmpdir(), "heddle-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const binary = join(folder, toolchain.family);
  const [compiler, ...words] = toolchain.compile(join(projectRoot(), "bench/native", toolchain.source), binary);
  try {
    execFileSync(compiler, words, { stdio: "pipe" });
    return { binary };
  } catch (error) {
    return { missing: `${toolchain.source} does not compile: ${(error as Error).message.split("\n")[0]}` };
  }
}

/** Runs the program with `args` each round; `toUnit` turns its nanoseconds into the scenario's unit. */
export function native(toolchain: Toolchain, args: readonly (string | number)[], toUnit: (ns: number) => number): Contender {
  return {
    name: toolchain.family,
    family: toolchain.family,
    isProcess: true,
    missing: () => build(toolchain).missing,
    async open() {},
    async run(): Promise<Sample> {
      const { stdout } = await run(build(toolchain).binary!, args.map(String), untilInterrupted);
      const { ns, by, ...seen } = JSON.parse(stdout) as { ns: number; by: string } & Seen;
      return { value: toUnit(ns), seen, by };
    },
    async close() {},
  };
}
