import { readFileSync } from "node:fs";
import { parse } from "acorn";
import { type Context, type Pulse, type QueueHandle, queueOf, type Sender } from "../../src/index.ts";

export interface Source {
  readonly path: string;
  /** 'nested': brackets so deep that no parser's stack is enough. 'locked': at first its lock never opens. */
  readonly poison?: "nested" | "locked" | undefined;
}

/** Parses what is queued and sends out how many statements each file has. A file that it dies of goes back to the queue. */
export async function parser(files: QueueHandle<Source>, out: Sender<number>, pulse: Pulse<string>, ctx: Context): Promise<void> {
  for await (const job of queueOf(files).jobs({ ctx })) {
    const { path, poison } = job.value;
    pulse.beat(path);
    if (poison === "locked" && job.attempt === 1) await lock(ctx);
    const text = poison === "nested" ? "[".repeat(100_000) + "]".repeat(100_000) : readFileSync(path, "utf8");
    const { body } = parse(text, { ecmaVersion: "latest", sourceType: "module" });
    await out.send(body.length, { ctx });
    job.ack();
  }
}

/** Waits for what never comes. */
async function lock({ signal }: Context): Promise<never> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  throw signal.reason;
}
