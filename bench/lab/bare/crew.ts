/**
 * Crew: bare `worker_threads` Workers that do one part of the work each, the ceiling of every comparison.
 *
 * Nothing stands between the work and the thread: one message out with the part, one back with the result.
 *
 * Invariants
 * 1. A worker has at most one part in hand, so the next message it sends is the answer to it.
 * 2. A worker that fails or leaves rejects what is waited for; nothing waits for a dead one.
 */
import { Worker } from "node:worker_threads";

interface Member {
  readonly worker: Worker;
  /** The first failure of this worker, once there is one. */
  failure?: unknown;
  waiting?: { resolve(message: unknown): void; reject(error: unknown): void } | undefined;
}

export class Crew<Part, Result> {
  readonly #members: readonly Member[];

  private constructor(members: readonly Member[]) {
    this.#members = members;
  }

  /** Starts `size` Workers that have loaded `module`, whose function `task` does a part. */
  static async start<Part, Result>(module: URL, task: string, size: number): Promise<Crew<Part, Result>> {
    const crew = new Crew<Part, Result>(Array.from({ length: size }, () => hire(module, task)));
    try {
      await Promise.all(crew.#members.map((member) => answer(member)));
    } catch (error) {
      await crew.close();
      throw error;
    }
    return crew;
  }

  /** Gives each Worker its part and waits for all results, in the order of the parts. At most one part a Worker. */
  async run(parts: readonly Part[]): Promise<Result[]> {
    if (parts.length > this.#members.length) throw new Error(`a crew of ${this.#members.length} was given ${parts.length} parts`);
    const answers = parts.map((part, index) => {
      const member = this.#members[index]!;
      const result = answer(member);
      member.worker.postMessage(part);
      return result;
    });
    return (await Promise.all(answers)).map((message) => (message as { result: Result }).result);
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.worker.terminate()));
  }
}

function hire(module: URL, task: string): Member {
  const worker = new Worker(new URL("./entry.js", import.meta.url), { workerData: { module: module.href, task } });
  const member: Member = { worker };
  const fail = (error: unknown) => {
    member.failure ??= error;
    settle(member)?.reject(error);
  };
  worker.on("message", (message) => settle(member)?.resolve(message));
  worker.on("error", fail);
  worker.on("exit", (code) => fail(new Error(`a bare Worker exited with code ${code}`)));
  return member;
}

function answer(member: Member): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (member.failure !== undefined) reject(member.failure);
    else member.waiting = { resolve, reject };
  });
}

function settle(member: Member): Member["waiting"] {
  const waiting = member.waiting;
  member.waiting = undefined;
  return waiting;
}
