// The service in a process of its own, as it is deployed.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const isSource = import.meta.url.endsWith(".ts");
const MAIN = fileURLToPath(new URL(isSource ? "../src/main.ts" : "../src/main.js", import.meta.url));
const LOADER = isSource ? ["--import", "tsx"] : [];

export interface ServerProcess {
  readonly origin: string;
  readonly process: ChildProcess;
  /** By SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

/** Resolves when it listens. Throws if it ends instead. */
export async function startServerProcess(...args: string[]): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...LOADER, MAIN, "--port", "0", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit") as Promise<[number | null]>;
  for await (const line of createInterface({ input: child.stdout! })) {
    const origin = /^listening on (\S+)$/.exec(line)?.[1];
    if (origin === undefined) continue;
    child.stdout!.resume();
    const stop = async () => {
      child.kill("SIGTERM");
      const [code] = await exited;
      return code;
    };
    return { origin, process: child, stop };
  }
  throw new Error(`expected the service to listen, and it ended with code ${(await exited)[0]}`);
}
