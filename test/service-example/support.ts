// The example service in this process, and requests to it.

import type { FastifyInstance } from "fastify";
import { PNG } from "pngjs";
import { buildServer } from "../../examples/service/src/server.ts";
import { DEFAULTS, type Settings } from "../../examples/service/src/settings.ts";
import { openWork, type Work } from "../../examples/service/src/work.ts";

export interface Served {
  readonly app: FastifyInstance;
  readonly work: Work;
  readonly origin: string;
}

/** Deadlines beyond those of a test, unless it is about them. */
const PATIENT = { timeoutMs: 300_000, maxTimeoutMs: 300_000 };

/** Listens until app.close(). */
export async function serve(changes: Partial<Settings>): Promise<Served> {
  const settings = { ...DEFAULTS, ...PATIENT, port: 0, ...changes };
  const work = await openWork(settings);
  const app = buildServer(work, settings);
  const origin = await app.listen(settings);
  return { app, work, origin };
}

/** As large as is let in: some hundred milliseconds of work. */
export const slowPicture = Buffer.from(PNG.sync.write(new PNG({ width: 3_990, height: 3_990 }), { deflateLevel: 1, filterType: 0 }));
export const smallPicture = Buffer.from(PNG.sync.write(new PNG({ width: 20, height: 20 })));

export function post(
  url: string,
  type: string,
  body: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
) {
  return fetch(url, { method: "POST", body, headers: { "content-type": type, ...headers }, ...(signal && { signal }) });
}

export function resize(origin: string, picture: Buffer<ArrayBuffer>, headers?: Record<string, string>, signal?: AbortSignal) {
  return post(`${origin}/resize?width=10`, "image/png", picture, headers, signal);
}

/** Status, code of an error's body, and when to try again. */
export async function failure(response: Response) {
  const { code } = (await response.json()) as { code: string };
  return { status: response.status, code, retryAfter: response.headers.get("retry-after") };
}

/** Figures of /metrics by name and labels, as they stand there. */
export async function metrics(origin: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}
