/**
 * Machine: what the figures were measured on and with.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Machine {
  readonly cores: number;
  readonly cpuModel: string;
  readonly memoryGiB: number;
  readonly platform: string;
  /** Of the last minute, when the lab began. */
  readonly loadAverage: number;
}

export interface Versions {
  readonly node: string;
  readonly v8: string;
  readonly heddle: string;
  readonly acorn: string;
  readonly three: string;
  readonly bcryptjs: string;
  readonly pngjs: string;
}

export function machine(): Machine {
  return {
    cores: availableParallelism(),
    cpuModel: cpus()[0]?.model.trim() ?? "unknown",
    memoryGiB: Number((totalmem() / 2 ** 30).toFixed(1)),
    platform: `${process.platform} ${process.arch}`,
    loadAverage: loadAverage(),
  };
}

/** Runnable threads of the last minute, on average. */
export function loadAverage(): number {
  return Number(loadavg()[0]!.toFixed(2));
}

export function versions(): Versions {
  const require = createRequire(import.meta.url);
  const of = (entry: string) => packageVersion(dirname(require.resolve(entry)));
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    heddle: packageVersion(dirname(fileURLToPath(import.meta.url))),
    acorn: of("acorn"),
    three: of("three/src/Three.js"),
    bcryptjs: of("bcryptjs"),
    pngjs: of("pngjs"),
  };
}

/** The version in the nearest `package.json` at or above `folder` that states one. */
function packageVersion(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const version = versionIn(join(at, "package.json"));
    if (version !== undefined) return version;
    if (at === dirname(at)) return "unknown";
  }
}

function versionIn(file: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { version?: string }).version;
  } catch {
    return undefined;
  }
}
