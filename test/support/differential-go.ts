// Go as one side of the differential test: a process that is told an operation a line and answers what came of it (test/conformance/go/main.go).

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { OracleCase } from "./channel-oracle.ts";
import type { How, Seen, Side } from "./differential.ts";

const source = fileURLToPath(new URL("../conformance/go/main.go", import.meta.url));
const folder = fileURLToPath(new URL("../../.cache/differential", import.meta.url));

/** "go1.19.8", or undefined where Go is not installed. */
export function goVersion(): string | undefined {
  const { status, stdout } = spawnSync("go", ["version"], { encoding: "utf8" });
  return status === 0 ? stdout.split(" ")[2] : undefined;
}

interface Answer {
  readonly seen: Seen;
  /** All tasks that have settled since the last answer: it comes when every goroutine sleeps. */
  readonly settled: Readonly<Record<string, Seen>>;
  readonly lengths: readonly number[];
}

export class GoSide implements Side {
  readonly hasPriority = false;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #settled = new Map<number, Seen>();
  #errors = "";
  #lengths: readonly number[] = [];

  private constructor(binary: string) {
    this.#process = spawn(binary);
    this.#process.stderr.on("data", (text) => {
      this.#errors += text;
    });
    this.#answers = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  /** Compiles and starts it. */
  static start(): GoSide {
    mkdirSync(folder, { recursive: true });
    const binary = `${folder}/channels`;
    const { status, stderr } = spawnSync("go", ["build", "-o", binary, source], { encoding: "utf8" });
    if (status !== 0) throw new Error(`go build: ${stderr}`);
    return new GoSide(binary);
  }

  /** Ends the process; answers its exit code. */
  async stop(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.#process.on("close", resolve));
    this.#process.stdin.end();
    return ended;
  }

  async #tell(line: object): Promise<Seen> {
    this.#process.stdin.write(`${JSON.stringify(line)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`expected an answer to ${JSON.stringify(line)}, and the process ended: ${this.#errors}`);
    const { seen, settled, lengths } = JSON.parse(value) as Answer;
    for (const [task, outcome] of Object.entries(settled)) if (outcome !== "aborted") this.#settled.set(Number(task), outcome);
    this.#lengths = lengths;
    return seen;
  }

  async open(capacities: readonly number[]): Promise<void> {
    await this.#tell({ do: "open", capacities });
  }

  attempt(cases: readonly OracleCase[], { isPlain }: How): Promise<Seen> {
    return this.#tell({ do: "try", cases, plain: isPlain });
  }

  async start(task: number, cases: readonly OracleCase[], { isPlain }: How): Promise<void> {
    await this.#tell({ do: "start", task, cases, plain: isPlain });
  }

  async abort(task: number): Promise<void> {
    await this.#tell({ do: "abort", task });
  }

  close(channel: number): Promise<Seen> {
    return this.#tell({ do: "close", channel });
  }

  async settled(): Promise<ReadonlyMap<number, Seen>> {
    const settled = new Map(this.#settled);
    this.#settled.clear();
    return settled;
  }

  look(channel: number): { length: number } {
    return { length: this.#lengths[channel]! };
  }
}
