/**
 * Probed: a contender whose figure is memory: each round a fresh process runs a probe.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { interruption } from "../harness/interruption.ts";
import type { Contender, Family, Sample, Seen } from "../harness/scenario.ts";
import { sibling } from "../lab/bare/sibling.ts";

const run = promisify(execFile);
const untilInterrupted = { signal: interruption.signal, killSignal: "SIGKILL" } as const;

export type ProbeName = "threadsOfHeddle" | "bareWorkers" | "openChannels" | "parkedTasks";

export function probed(name: string, family: Family, probe: ProbeName, count: number): Contender {
  const file = sibling("probe", import.meta.url);
  const loader = file.pathname.endsWith(".ts") ? ["--import", "tsx"] : [];
  return {
    name,
    family,
    isProcess: true,
    async open() {},
    async run(): Promise<Sample> {
      const { stdout } = await run(
        process.execPath,
        [...loader, "--expose-gc", fileURLToPath(file), probe, String(count)],
        untilInterrupted,
      );
      const { value, by, ...seen } = JSON.parse(stdout) as { value: number; by: string } & Seen;
      return { value, seen, by };
    },
    async close() {},
  };
}
