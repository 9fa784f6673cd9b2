/**
 * Machine: what the figures were measured on and with, and what speaks against them.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { machine } from "../lab/machine.ts";

export interface Machine {
  readonly cores: number;
  readonly cpuModel: string;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Of the last minute, when the run began and when it ended. */
  readonly loadAverage: readonly [before: number, after: number];
  /** Share of the cores that other programs used during the rounds measured in this process. */
  readonly othersShare: number;
  /** Other programs were at work: the figures are noisy. */
  readonly busy: boolean;
  /** How long the run waited for an idle machine first. */
  readonly waitedMs: number;
  /** Less work in a round, or fewer rounds than targets are judged by: no figures to quote. */
  readonly quick: boolean;
  /** The run was interrupted: rows are missing. */
  readonly partial: boolean;
  readonly skipped: readonly { readonly contender: string; readonly why: string }[];
  /** Scenarios that gave no figures, and why: a wrong output, a round that never ended. */
  readonly failed: readonly { readonly scenario: string; readonly why: string }[];
  /** Rows that wait for a part of the library. */
  readonly later: Readonly<Record<string, string>>;
}

/** The packages that contenders are made of. */
const PEERS = ["piscina", "tinypool", "workerpool", "poolifier", "comlink", "threads", "multithreading", "ringbuf.js"];

/** The repository's root: above the sources and above the build alike. */
export function projectRoot(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return at;
    if (at === dirname(at)) throw new Error("expected a package.json above the benchmark");
  }
}

export function hardware(): Pick<Machine, "cores" | "cpuModel" | "memoryGiB" | "platform"> {
  const { cores, cpuModel, memoryGiB, platform } = machine();
  return { cores, cpuModel, memoryGiB, platform };
}

export function versions(): Record<string, string> {
  const go = firstLine("go", ["version"])?.replace(/^go version go(\S+).*/, "$1");
  const rust = firstLine("rustc", ["--version"])?.replace(/^rustc (\S+).*/, "$1");
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    heddle: versionIn(join(projectRoot(), "package.json")),
    ...Object.fromEntries(PEERS.map((name) => [name, packageVersion(name)])),
    ...(go && { go }),
    ...(rust && { rust }),
  };
}

/** What a command answers on its first line, or undefined if there is no such command. */
export function firstLine(command: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? stdout.split("\n")[0]!.trim() : undefined;
}

function packageVersion(name: string): string {
  for (let at = dirname(createRequire(import.meta.url).resolve(name)); ; at = dirname(at)) {
    const file = join(at, "package.json");
    if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).name === name) return versionIn(file);
    if (at === dirname(at)) return "unknown";
  }
}

function versionIn(file: string): string {
  return String(JSON.parse(readFileSync(file, "utf8")).version);
}
