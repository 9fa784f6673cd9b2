// What the load consists of, and the right answers: worked out here, by the same functions, without a server.

import { readFileSync } from "node:fs";
import { PNG } from "pngjs";
import { render, resize } from "../src/jobs/jobs.ts";
import { search, start } from "../src/jobs/search.ts";

/** A request of the load; autocannon takes it as it is, and fetch with an origin before its path. */
export interface LoadRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: Buffer<ArrayBuffer>;
  /** Its right answer. */
  readonly answer: Buffer;
}

const SIDE = 240;
const WIDTH = 64;
const LIMIT = 10;
const WORDS = ["weave cloth", "quikly", "thread", "knot", "patiently waiting", "mend", "untangel", "spin"];

export function loadRequests(): LoadRequest[] {
  start();
  const picture = plasma();
  const markdown = `# Fastify\n\n\`\`\`js\n${readFileSync(new URL(import.meta.resolve("fastify")), "utf8").slice(0, 12_000)}\n\`\`\`\n`;
  const resized: LoadRequest = {
    method: "POST",
    path: `/resize?width=${WIDTH}`,
    headers: { "content-type": "image/png" },
    body: picture,
    answer: Buffer.from(resize(picture, WIDTH)),
  };
  const rendered: LoadRequest = {
    method: "POST",
    path: "/render",
    headers: { "content-type": "text/markdown" },
    body: Buffer.from(markdown),
    answer: Buffer.from(render(markdown)),
  };
  return WORDS.flatMap((words) => [
    resized,
    rendered,
    {
      method: "GET",
      path: `/search?q=${encodeURIComponent(words)}&limit=${LIMIT}`,
      headers: {},
      answer: Buffer.from(JSON.stringify({ hits: search(words, LIMIT) })),
    },
  ]);
}

/** A picture that does not compress well. */
function plasma(): Buffer<ArrayBuffer> {
  const picture = new PNG({ width: SIDE, height: SIDE });
  for (let i = 0; i < SIDE * SIDE; i++) {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    picture.data.set([(x * y) & 255, (x ^ y) & 255, Math.floor(128 + 127 * Math.sin(x / 9 + y / 7)), 255], 4 * i);
  }
  return Buffer.from(PNG.sync.write(picture));
}

/** The same by fetch. Throws what fetch throws. */
export function send(origin: string, { method, path, headers, body }: LoadRequest, signal?: AbortSignal): Promise<Response> {
  return fetch(`${origin}${path}`, { method, headers, ...(body && { body }), ...(signal && { signal }) });
}
