// The service, put together. app.close() stops it: no more connections, answers for the requests under way, then the work's own end.

import fastify, { type FastifyInstance } from "fastify";
import { addChaos } from "./chaos.ts";
import { answerFailure } from "./failures.ts";
import { addMetrics } from "./metrics.ts";
import { addRoutes } from "./routes.ts";
import type { Settings } from "./settings.ts";
import type { Work } from "./work.ts";

/** How long a request's headers and body may take to arrive. With the longest deadline this bounds how long a stop waits. */
const ARRIVAL_MS = 10_000;

export function buildServer(work: Work, settings: Settings): FastifyInstance {
  const app = fastify({ bodyLimit: settings.bodyLimitBytes, requestTimeout: ARRIVAL_MS, logger: { level: "error" } });
  let isClosing = false;
  app.addHook("preClose", async () => {
    isClosing = true;
  });
  app.addHook("onSend", async (_, reply) => {
    if (isClosing) reply.header("connection", "close"); // or its client would keep the process alive
  });
  app.addHook("onClose", () => work.close());
  app.setErrorHandler(answerFailure);
  addMetrics(app, work);
  addRoutes(app, work, settings, () => isClosing);
  if (settings.chaos) addChaos(app, work);
  return app;
}
