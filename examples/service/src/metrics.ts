// Figures for Prometheus: the process with its event loop's delay, the requests, the pool and the search.

import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Work } from "./work.ts";

const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function addMetrics(app: FastifyInstance, work: Work): void {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: 1 }); // nodejs_eventloop_lag_p99_seconds and the like, since the last look

  const seconds = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from a request to the end of its answer.",
    labelNames: ["route", "status"],
    buckets: BUCKETS_S,
    registers,
  });
  app.addHook("onResponse", async (request, reply) => {
    seconds.observe({ route: request.routeOptions.url ?? "none", status: reply.statusCode }, reply.elapsedTime / 1_000);
  });

  new Gauge({
    name: "work_calls",
    help: "Calls that wait, and that run.",
    labelNames: ["work", "state"],
    registers,
    collect() {
      for (const [name, { queued, running }] of Object.entries(work.counts())) {
        this.set({ work: name, state: "queued" }, queued);
        this.set({ work: name, state: "running" }, running);
      }
    },
  });
  new Counter({
    name: "work_calls_total",
    help: "Calls that have ended, by how.",
    labelNames: ["work", "outcome"],
    registers,
    collect() {
      this.reset();
      for (const [name, { ended }] of Object.entries(work.counts()))
        for (const [outcome, count] of Object.entries(ended)) this.inc({ work: name, outcome }, count);
    },
  });
  new Counter({
    name: "work_threads_replaced_total",
    help: "Threads that died or were killed, and were replaced.",
    labelNames: ["work"],
    registers,
    collect() {
      this.reset();
      for (const [name, { replaced }] of Object.entries(work.counts())) this.inc({ work: name }, replaced);
    },
  });

  app.get("/metrics", async (_, reply) => reply.type(register.contentType).send(await register.metrics()));
}
