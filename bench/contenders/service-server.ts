/**
 * Service server: a process with an HTTP server that makes pictures smaller, in its handler or by a pool, and watches its event loop.
 * Started by service.ts with the number of threads: none for the handler, 0 for a pool on the main thread.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Runtime } from "../../src/index.ts";
import { serveOrders } from "./forked.ts";
import { resizeHere } from "./service-jobs.ts";

/** Of a round. */
export interface Watched {
  readonly loopP99Ms: number;
  readonly by: string;
}

type Resized = ReturnType<typeof resizeHere>;
interface Work {
  resize(png: Uint8Array, width: number): Promise<Resized>;
  /** How many calls whoever does it has answered since it was asked last, and who that is. */
  answered(): { who: string; calls: number };
}

let inHandler = 0;

function handlerWork(): Work {
  return {
    resize: async (png, width) => {
      inHandler++;
      return resizeHere(png, width);
    },
    answered: () => ({ who: "plain", calls: inHandler }),
  };
}

async function poolWork(threads: number): Promise<Work> {
  const rt = await Runtime.start({ threads: Math.min(threads, 1) });
  const jobs = rt.module<typeof import("./service-jobs.ts")>(new URL("./service-jobs.js", import.meta.url));
  const pool = rt.pool(jobs, { threads: Math.max(threads, 1) });
  await pool.ready();
  return {
    resize: (png, width) => pool.call.resizeHere(png, width),
    answered: () => ({ who: "heddle", calls: pool.stats().succeeded }),
  };
}

const threads = process.argv[2] === undefined ? undefined : Number(process.argv[2]);
const work = threads === undefined ? handlerWork() : await poolWork(threads);
const loop = monitorEventLoopDelay({ resolution: 1 });
const used = new Set<number>();
let served = 0;
let answeredBefore = 0;

async function answer(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { png, threadId } = await work.resize(
    Buffer.concat(parts),
    Number(new URL(request.url!, "http://service").searchParams.get("width")),
  );
  used.add(threadId);
  served++;
  return png;
}

const server = createServer((request, response) => {
  answer(request).then(
    (png) => response.end(png),
    (error: Error) => response.writeHead(500).end(error.message),
  );
});

await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
loop.enable();
serveOrders({
  port: async () => (server.address() as AddressInfo).port,
  begin: async () => {
    used.clear();
    served = 0;
    answeredBefore = work.answered().calls;
    loop.reset();
  },
  end: async (): Promise<Watched> => {
    const loopP99Ms = loop.percentile(99) / 1e6;
    const { who, calls } = work.answered();
    const place = used.has(0) ? "threads: 0" : `${used.size} threads`;
    return { loopP99Ms, by: calls - answeredBefore === served ? `${who}, ${place}` : `${who} for ${calls - answeredBefore} of ${served}` };
  },
});
