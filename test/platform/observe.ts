// What the platform tests look through: a program of its own, and a worker with everything its parent gets to see.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { Worker, type WorkerOptions } from "node:worker_threads";

export interface ProgramEnd {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  ms: number;
}

/** Runs a program in a process of its own; killed after `limitMs`. */
export async function program(source: string, limitMs = 5_000): Promise<ProgramEnd> {
  const start = performance.now();
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
  const [code, signal] = await once(child, "close");
  clearTimeout(timer);
  return { code, signal, stdout, stderr, ms: performance.now() - start };
}

/** A worker from source text (CommonJS), or from a URL. */
export function worker(source: string | URL, options: WorkerOptions = {}): Worker {
  return new Worker(source, { eval: typeof source === "string", ...options });
}

export interface WorkerEnd {
  /** online, message, error, exit; in the order the parent saw them, messages in a row as one. */
  events: string[];
  code: number;
  error: unknown;
  messages: unknown[];
}

/** Everything the parent sees of a worker until its exit. */
export async function lifeOf(thread: Worker): Promise<WorkerEnd> {
  const end: WorkerEnd = { events: [], code: Number.NaN, error: undefined, messages: [] };
  const note = (event: string) => {
    if (end.events.at(-1) !== event || event !== "message") end.events.push(event);
  };
  thread.on("online", () => note("online"));
  thread.on("message", (message) => {
    note("message");
    end.messages.push(message);
  });
  thread.on("error", (error) => {
    note("error");
    end.error = error;
  });
  await new Promise<void>((resolve) => {
    thread.on("exit", (code) => {
      note("exit");
      end.code = code;
      resolve();
    });
  });
  return end;
}

/** Resolves when a word of shared memory has the value; the only thing it waits for is the other thread's own progress. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

export const nodeMajor = Number(process.versions.node.split(".")[0]);

// The part of WebAssembly used here; its types live in lib dom.
interface Wasm {
  Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => { buffer: SharedArrayBuffer; grow(pages: number): number };
  Module: new (bytes: Uint8Array) => object;
}
export const wasm = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;
