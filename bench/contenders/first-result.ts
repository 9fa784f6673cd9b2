/**
 * First result: how long from nothing to the first result of a pool of two threads, in a process that has done it before, and from a process that does not
 * exist yet. Stopping is not timed.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { interruption } from "../harness/interruption.ts";
import type { Contender, Sample } from "../harness/scenario.ts";
import { sibling } from "../lab/bare/sibling.ts";
import { nowNs } from "./clock.ts";
import type { who as Who } from "./jobs.js";
import type { Library } from "./library.ts";

export const THREADS = 2;
export const FIRST = { number: 7 };

/** The name of a library here, by which its process finds it, and how it stands in the results. */
const named = ({ name, family, missing }: Library) => ({ name, family, ...(missing && { missing }) });

export function firstResult(library: Library): Contender {
  return {
    ...named(library),
    async open() {},
    async run(): Promise<Sample> {
      const begun = nowNs();
      const crew = await library.open(THREADS);
      const result = (await crew.call("echo", FIRST.number)) as number;
      const ns = nowNs() - begun;
      const { who } = (await crew.call("who", undefined)) as ReturnType<typeof Who>;
      await crew.close();
      return { value: ns / 1e6, seen: { result }, by: who };
    },
    async close() {},
  };
}

const run = promisify(execFile);
const untilInterrupted = { signal: interruption.signal, killSignal: "SIGKILL" } as const;
const ENTRY = sibling("first-result-entry", import.meta.url);

/** What a process of first-result-entry.ts prints: when the result was there, on the clock that all processes share. */
export interface Printed {
  readonly at: number;
  readonly result: number;
  readonly by: string;
}

/** The same from a process that is yet to start. `library` undefined: Node alone, which calls the function itself. */
export function fromNothing(library: Library | undefined): Contender {
  const loader = ENTRY.pathname.endsWith(".ts") ? ["--import", "tsx"] : [];
  return {
    ...(library ? named(library) : ({ name: "plain", family: "plain" } as const)),
    isProcess: true,
    async open() {},
    async run(): Promise<Sample> {
      const begun = nowNs();
      const { stdout } = await run(process.execPath, [...loader, fileURLToPath(ENTRY), library?.name ?? "plain"], untilInterrupted);
      const { at, result, by } = JSON.parse(stdout) as Printed;
      return { value: (at - begun) / 1e6, seen: { result }, by };
    },
    async close() {},
  };
}
