// Kills threads under load:  npm run chaos -- [--kills 1000] [--seed 1] [--lanes 16] [--json chaos.json]
// Every request must get its right answer or a proper error, a 5xx with a body that names the code; none may be lost or hang.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type LoadRequest, loadRequests, send } from "./requests.ts";
import { startServerProcess } from "./server-process.ts";

const HUNG_MS = 60_000;
/** At most so many requests are answered between two kills. */
const MOST_BETWEEN = 16;

export interface ChaosResult {
  readonly kills: number;
  /** By whom. */
  readonly by: Readonly<Record<string, number>>;
  readonly requests: number;
  readonly right: number;
  readonly properErrors: number;
  readonly codes: Readonly<Record<string, number>>;
  readonly wrong: number;
  readonly hung: number;
  /** Of the server, stopped by SIGTERM in the end. */
  readonly exitCode: number | null;
  readonly problems: readonly string[];
}

class Books {
  requests = 0;
  right = 0;
  properErrors = 0;
  wrong = 0;
  hung = 0;
  readonly codes: Record<string, number> = {};
  readonly problems: string[] = [];
  readonly #origin: string;
  #onSettled: (() => void) | undefined;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Sends a request and enters what came of it. */
  async enter(request: LoadRequest): Promise<void> {
    this.requests++;
    try {
      const response = await send(this.#origin, request, AbortSignal.timeout(HUNG_MS));
      this.#judge(request, response.status, Buffer.from(await response.arrayBuffer()));
    } catch (error) {
      this.#fail(request.path, error as Error);
    }
    this.#onSettled?.();
  }

  /** Has a thread killed, and says whether one was. */
  async kill(how: string): Promise<boolean> {
    try {
      const response = await fetch(`${this.#origin}/chaos/${how}`, { method: "POST", signal: AbortSignal.timeout(HUNG_MS) });
      return ((await response.json()) as { killed?: boolean }).killed === true;
    } catch (error) {
      this.#fail(how, error as Error);
      return false;
    }
  }

  #fail(what: string, error: Error): void {
    this[error.name === "TimeoutError" ? "hung" : "wrong"]++;
    this.problems.push(`${what}: ${error} ${error.cause ?? ""}`);
  }

  #judge({ path, answer }: LoadRequest, status: number, body: Buffer): void {
    if (status === 200 && body.equals(answer)) {
      this.right++;
      return;
    }
    const code = status >= 500 ? codeOf(body) : undefined;
    if (code === undefined) {
      this.wrong++;
      this.problems.push(`${path}: ${status} ${body.toString().slice(0, 200)}`);
    } else {
      this.properErrors++;
      this.codes[code] = (this.codes[code] ?? 0) + 1;
    }
  }

  get settled(): number {
    return this.right + this.properErrors + this.wrong + this.hung;
  }

  /** Resolves when so many requests have settled. */
  async reached(settled: number): Promise<void> {
    while (this.settled < settled) await new Promise<void>((resolve) => (this.#onSettled = resolve));
  }
}

/** The code in an error's body. */
function codeOf(body: Buffer): string | undefined {
  try {
    const { code } = JSON.parse(body.toString()) as { code?: unknown };
    return typeof code === "string" && code !== "" ? code : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** Ends at `kills`, or when nothing is answered any more. */
export async function chaos({ kills, seed, lanes }: { kills: number; seed: number; lanes: number }): Promise<ChaosResult> {
  const server = await startServerProcess("--variant", "threads", "--chaos");
  const books = new Books(server.origin);
  const requests = loadRequests();
  const random = generator(seed);
  const by: Record<string, number> = { kill: 0, exit: 0, search: 0 };
  let killed = 0;
  let isOver = false;
  const load = Array.from({ length: lanes }, async (_, lane) => {
    for (let i = lane; !isOver; i++) await books.enter(requests[i % requests.length]!);
  });
  while (killed < kills && books.hung === 0) {
    await books.reached(books.settled + Math.floor(random() * MOST_BETWEEN));
    const draw = random();
    const how = draw < 0.7 ? "kill" : draw < 0.95 ? "exit" : "search";
    if (!(await books.kill(how))) continue;
    by[how]!++;
    if (++killed % 100 === 0) console.error(`${killed} kills, ${books.settled} answers`);
  }
  isOver = true;
  if (books.hung > 0) books.problems.unshift(await (await fetch(`${server.origin}/chaos/look`)).text());
  await Promise.all(load);
  const exitCode = await server.stop();
  const { right, properErrors, codes, wrong, hung, problems } = books;
  return {
    kills: killed,
    by,
    requests: books.requests,
    right,
    properErrors,
    codes,
    wrong,
    hung,
    exitCode,
    problems: problems.slice(0, 20),
  };
}

/** A small generator of numbers from 0 to 1. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    lanes: { type: "string", default: "16" },
    json: { type: "string" },
  },
});
const began = performance.now();
const result = await chaos({ kills: Number(values.kills), seed: Number(values.seed), lanes: Number(values.lanes) });
const { requests, right, properErrors, wrong, hung, exitCode } = result;
const json = JSON.stringify({ node: process.version, seed: Number(values.seed), ...result, ms: Math.round(performance.now() - began) });
console.log(json);
if (values.json) writeFileSync(values.json, `${json}\n`);
if (wrong + hung > 0 || right + properErrors !== requests || exitCode !== 0) process.exitCode = 1;
