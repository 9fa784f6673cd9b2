// A process with a service: it exits by itself although the service, live objects, callbacks and a stream of it are still there.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const file = fileURLToPath(new URL("../fixtures/processes/service.ts", import.meta.url));

it.each([0, 1])("with threads: %i exits by itself with code 0", async (threads) => {
  const ended = await new Promise((resolve) => {
    execFile(process.execPath, ["--import", "tsx", file, String(threads)], { timeout: 25_000 }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, signal: error?.signal ?? null, stdout, stderr });
    });
  });
  expect(ended).toEqual({ code: 0, signal: null, stdout: "3\n", stderr: "" });
});
