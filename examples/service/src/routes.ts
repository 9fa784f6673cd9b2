// The endpoints.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Settings } from "./settings.ts";
import type { Limits, Work } from "./work.ts";

const DEADLINE = { type: "object", properties: { "x-timeout-ms": { type: "integer", minimum: 1 } } };
const RESIZE = {
  headers: DEADLINE,
  querystring: { type: "object", required: ["width"], properties: { width: { type: "integer", minimum: 1, maximum: 4_096 } } },
};
const SEARCH = {
  headers: DEADLINE,
  querystring: {
    type: "object",
    required: ["q"],
    properties: { q: { type: "string", minLength: 1, maxLength: 200 }, limit: { type: "integer", minimum: 1, maximum: 100, default: 10 } },
  },
};

export function addRoutes(app: FastifyInstance, work: Work, settings: Settings, isClosing: () => boolean): void {
  app.addContentTypeParser("image/png", { parseAs: "buffer" }, (_, body, done) => done(null, body));
  app.addContentTypeParser(["text/markdown", "text/plain"], { parseAs: "string" }, (_, body, done) => done(null, body));

  app.post<{ Querystring: { width: number }; Body: unknown }>("/resize", { schema: RESIZE }, async (request, reply) => {
    const { body } = request;
    if (!Buffer.isBuffer(body)) return unsupported(reply, "image/png");
    const png = await work.resize(body, request.query.width, limitsOf(request, reply, settings));
    return reply.type("image/png").send(Buffer.from(png.buffer, png.byteOffset, png.byteLength));
  });

  app.post<{ Body: unknown }>("/render", { schema: { headers: DEADLINE } }, async (request, reply) => {
    const { body } = request;
    if (typeof body !== "string") return unsupported(reply, "text/markdown");
    return reply.type("text/html; charset=utf-8").send(await work.render(body, limitsOf(request, reply, settings)));
  });

  app.get<{ Querystring: { q: string; limit: number } }>("/search", { schema: SEARCH }, async (request, reply) => ({
    hits: await work.search(request.query.q, request.query.limit, limitsOf(request, reply, settings)),
  }));

  /** Alive: the event loop turns. */
  app.get("/health", async () => ({ status: "alive" }));

  /** Ready: requests would be answered. Not while the service starts, nor once it is to stop. */
  app.get("/ready", async (_, reply) => {
    const status = isClosing() ? "closing" : work.isReady ? "ready" : "starting";
    return reply.code(status === "ready" ? 200 : 503).send({ status });
  });
}

/** What ends this request's work before its time: its deadline, within what the service allows, and its client going away. */
function limitsOf(request: FastifyRequest, reply: FastifyReply, { timeoutMs, minTimeoutMs, maxTimeoutMs }: Settings): Limits {
  const wanted = (request.headers["x-timeout-ms"] as number | undefined) ?? timeoutMs;
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return { signal: gone.signal, timeoutMs: Math.min(Math.max(wanted, minTimeoutMs), maxTimeoutMs) };
}

function unsupported(reply: FastifyReply, expected: string): FastifyReply {
  return reply.code(415).send({ code: "ERR_BAD_INPUT", message: `expected a body of type ${expected}` });
}
