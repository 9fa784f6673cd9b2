/**
 * Support for the lab's tests: a place to write, a stream that remembers, and jobs made to measure.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { onTestFinished } from "vitest";
import type { Job, Output, Variant, VariantName } from "../../bench/lab/job.ts";

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "heddle-lab-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A stream, and what was written to it. */
export function memoryStream(): { stream: PassThrough; text(): string } {
  const stream = new PassThrough();
  let text = "";
  stream.on("data", (chunk) => {
    text += chunk;
  });
  return { stream, text: () => text };
}

/** A variant that gives `outputs` one after the other, the last one for ever. */
export function variantOf(name: VariantName, outputs: readonly Output[], log: string[] = []): Variant {
  let runs = 0;
  return {
    name,
    async open() {
      log.push(`open ${name}`);
    },
    run() {
      log.push(`run ${name}`);
      return outputs[Math.min(runs++, outputs.length - 1)]!;
    },
    async close() {
      log.push(`close ${name}`);
    },
  };
}

export function jobOf(variants: readonly Variant[]): Job {
  const made = { name: "made-up", pattern: "none", title: "a made-up job", facts: { files: 1 } };
  return { ...made, variants, save: () => "made-up.txt", describe: () => "made up" };
}
