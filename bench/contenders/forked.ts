/**
 * Forked: a process that obeys orders one at a time, and who gives them.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

interface Answer {
  readonly value?: unknown;
  readonly error?: string;
}

export class Forked {
  readonly #child: ChildProcess;
  readonly #name: string;

  constructor(file: URL, ...args: string[]) {
    this.#name = file.pathname.split("/").at(-1)!;
    this.#child = fork(fileURLToPath(file), args, file.pathname.endsWith(".ts") ? { execArgv: ["--import", "tsx"] } : {});
  }

  /** Waits until it has obeyed. Throws what it says went wrong, or that it has ended. */
  async order<T>(name: string, input?: unknown): Promise<T> {
    if (this.#child.exitCode !== null) throw new Error(`${this.#name} has ended with code ${this.#child.exitCode}`);
    const listening = new AbortController();
    const { signal } = listening;
    try {
      const answered = once(this.#child, "message", { signal }) as Promise<[Answer]>;
      const exited = once(this.#child, "exit", { signal }).then(([code]) => [{ error: `it ended with code ${code}` }] as [Answer]);
      this.#child.send({ name, input });
      const [{ value, error }] = await Promise.race([answered, exited]);
      if (error !== undefined) throw new Error(`${this.#name}: ${error}`);
      return value as T;
    } finally {
      listening.abort();
    }
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL"); // it holds nothing that would outlive it
    await exited;
  }
}

/** In such a process: obeys orders by name, until its parent is gone. */
export function serveOrders(doers: Readonly<Record<string, (input: never) => Promise<unknown>>>): void {
  process.on("message", ({ name, input }: { name: string; input: never }) => {
    doers[name]!(input).then(
      (value) => process.send!({ value } satisfies Answer),
      (error: Error) => process.send!({ error: error.message } satisfies Answer),
    );
  });
  process.on("disconnect", () => process.exit());
}
