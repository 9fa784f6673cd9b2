/**
 * Library: what calls functions on threads, as the suites drive it. One file for each; all call the functions of jobs.js.
 */
import type { Contender, Family, Sample } from "../harness/scenario.ts";
import { THREAD, type who as Who } from "./jobs.js";

export type Job = Exclude<keyof typeof import("./jobs.js"), "THREAD">;

export interface Library {
  /** As it stands in the results. */
  readonly name: string;
  readonly family: Family;
  /** Why it cannot run here, or undefined if it can. */
  missing?(): string | undefined;
  /** Starts so many threads. What it needs is imported here, so that no other contender's process pays for it. */
  open(threads: number): Promise<Crew>;
}

/** The threads of a library. */
export interface Crew {
  /** Calls a function with one value; buffers named in `transfer` are given away, where the library can. */
  call(job: Job, input: unknown, transfer?: ArrayBuffer[]): PromiseLike<unknown>;
  /** Calls it is given at once, where the time it takes grows with the square of them. Default: all. */
  readonly mostAtOnce?: number;
  close(): Promise<void>;
}

/** A round of calls: how long it took and what it saw; and, where results tell it, on which threads they were found. */
export type Drive = (crew: Crew) => Promise<Omit<Sample, "by"> & { readonly threads?: ReadonlySet<number> }>;

/**
 * A contender that is a library on so many threads. They are known by number before the first round; in every round a call tells who made it, and a thread
 * that is none of them is a stranger.
 */
export function calling(library: Library, threads: number, drive: Drive): Contender {
  let crew: Crew | undefined;
  let known: ReadonlySet<number>;
  return {
    name: library.name,
    family: library.family,
    ...(library.missing && { missing: library.missing }),
    async open() {
      crew = await library.open(threads);
      known = await allThreads(crew, threads);
    },
    async run(): Promise<Sample> {
      const { value, seen, threads: used = new Set<number>() } = await drive(crew!);
      const { who, thread } = await asked(crew!);
      const strangers = [thread, ...used].filter((id) => !known.has(id));
      const by =
        strangers.length > 0 ? `threads that are not its own, ${strangers.join(" and ")}, beside ${who}` : `${who}, ${places(known)}`;
      return { value, seen, by };
    },
    close: async () => crew?.close(), // none, if it could not be opened
  };
}

function asked(crew: Crew): Promise<ReturnType<typeof Who>> {
  return Promise.resolve(crew.call("who", undefined) as PromiseLike<ReturnType<typeof Who>>);
}

/** Node gives number 0 to the main thread. */
function places(threads: ReadonlySet<number>): string {
  return threads.has(0) ? "threads: 0" : `${threads.size} thread${threads.size === 1 ? "" : "s"}`;
}

const WAVES = 100;
/** Turns of a job that takes some tenths of a millisecond: long enough that no thread answers for all. */
const TURNS = 200_000;

/** Calls until every thread has answered. */
async function allThreads(crew: Crew, threads: number): Promise<ReadonlySet<number>> {
  const known = new Set<number>();
  const expected = Math.max(threads, 1);
  for (let wave = 0; wave < WAVES && known.size < expected; wave++) {
    const results = await Promise.all(Array.from({ length: expected * 2 }, (_, number) => crew.call("work", { number, turns: TURNS })));
    for (const result of results) known.add(Math.floor((result as number) / THREAD));
  }
  if (known.size !== expected) throw new Error(`expected ${expected} threads to answer, ${known.size} did`);
  return known;
}
