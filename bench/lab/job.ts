/**
 * Job: one piece of CPU-heavy work, told as four variants of the same program.
 *
 * `plain` is the loop one would write without this library. `inline` is the Heddle program on the calling
 * thread (`threads: 0`), `threads` the same program on real threads, and `ceiling` what bare Workers reach
 * when the work is split between them beforehand: the speed nobody without magic goes beyond.
 *
 * Invariants
 * 1. All four variants of a job give the same output, byte for byte. The lab compares every run of every one.
 * 2. What `open` sets up (threads, modules) stays up until `close`, so that a timed run pays for work only.
 */

import type { Recorded } from "../report/recording/record.ts";

export const VARIANT_NAMES = ["plain", "inline", "threads", "ceiling"] as const;
export type VariantName = (typeof VARIANT_NAMES)[number];

/** Told now and then during a run which share of it is done, from 0 to 1. */
export type OnShare = (share: number) => void;

export type Output = string | Uint8Array;

export interface Variant {
  readonly name: VariantName;
  /** Starts what the variant needs. Never timed. */
  open(): Promise<void>;
  /** Does the whole job once. Timed. */
  run(onShare: OnShare): Output | Promise<Output>;
  /** Stops what `open` started. */
  close(): Promise<void>;
  /** Does the whole job once more, on threads of its own, and tells what they did. Never timed. Only where there is something to tell. */
  record?(): Promise<Recorded<Output>>;
}

/** What a job read or was told to compute, for the record. */
export type Facts = Readonly<Record<string, string | number>>;

export interface Job {
  readonly name: string;
  /** What its Heddle program is made of. */
  readonly pattern: string;
  /** The work in one line, for the reader of the terminal. */
  readonly title: string;
  readonly facts: Facts;
  readonly variants: readonly Variant[];
  /** Writes the output into the report folder and gives back the file's name. */
  save(output: Output, folder: string): string;
  /** What came out, in one line. */
  describe(output: Output): string;
}

/** How much of the work to do: all of it, or enough to see that it works. */
export type Size = "full" | "quick";

export interface JobSettings {
  readonly size: Size;
  readonly threads: number;
  /** The report's folder; inputs that a job makes itself go to `input` in it. */
  readonly folder: string;
}
