// Nothing of a pattern keeps the process alive after it has ended or was left.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const file = fileURLToPath(new URL("../fixtures/processes/patterns.ts", import.meta.url));

it.each([0, 2])(
  "the process exits by itself, threads: %i",
  async (threads) => {
    const ended = await promisify(execFile)(process.execPath, ["--import", "tsx", file, String(threads)], { timeout: 60_000 });
    expect(ended).toEqual({ stdout: "end\n", stderr: "" });
  },
  90_000,
);
