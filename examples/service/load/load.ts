// The variants under the same load, one after the other:  npm run load -- [--seconds 10] [--connections 16] [--json load.json]
// Before its figures count, each variant proves every answer, and each answer under load is looked at as well.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import autocannon from "autocannon";
import { VARIANTS, type Variant } from "../src/settings.ts";
import { type LoadRequest, loadRequests, send } from "./requests.ts";
import { startServerProcess } from "./server-process.ts";

interface Figures {
  readonly variant: Variant;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The delay of the server's event loop. */
  readonly loopP99Ms: number;
  readonly right: number;
  /** 503: the queue was full. */
  readonly refused: number;
  readonly wrong: number;
}

const WARM_UP_S = 3;

async function prove(origin: string, requests: readonly LoadRequest[]): Promise<void> {
  for (const request of requests) {
    const response = await send(origin, request);
    const body = Buffer.from(await response.arrayBuffer());
    if (response.status !== 200 || !body.equals(request.answer))
      throw new Error(`wrong answer: ${request.method} ${request.path}: ${response.status} ${body.toString().slice(0, 200)}`);
  }
}

async function measure(variant: Variant, requests: readonly LoadRequest[], seconds: number, connections: number): Promise<Figures> {
  const server = await startServerProcess("--variant", variant);
  await prove(server.origin, requests);
  const seen = { right: 0, refused: 0, wrong: 0 };
  const load = requests.map(({ answer, ...request }) => {
    const expected = answer.toString(); // as autocannon hands bodies on
    const onResponse = (status: number, body: string) => {
      if (status === 200 && body === expected) seen.right++;
      else if (status === 503 && JSON.parse(body).code === "ERR_QUEUE_FULL") seen.refused++;
      else seen.wrong++;
    };
    return { ...request, onResponse };
  });
  await autocannon({ url: server.origin, connections, duration: WARM_UP_S, requests: load });
  await loopP99Ms(server.origin); // figures are since the last look
  Object.assign(seen, { right: 0, refused: 0, wrong: 0 });
  const { requests: counts, latency, errors } = await autocannon({ url: server.origin, connections, duration: seconds, requests: load });
  const loop = Math.round(10 * (await loopP99Ms(server.origin))) / 10;
  const figures = { requestsPerSecond: counts.average, p50Ms: latency.p50, p99Ms: latency.p99, loopP99Ms: loop };
  const code = await server.stop();
  if (code !== 0) throw new Error(`expected ${variant} to end with code 0, got ${code}`);
  return { variant, ...figures, ...seen, wrong: seen.wrong + errors };
}

async function loopP99Ms(origin: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return 1_000 * Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)![1]);
}

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    connections: { type: "string", default: "16" },
    json: { type: "string" },
  },
});
const requests = loadRequests();
const figures: Figures[] = [];
for (const variant of VARIANTS) figures.push(await measure(variant, requests, Number(values.seconds), Number(values.connections)));
console.table(Object.fromEntries(figures.map(({ variant, ...rest }) => [variant, rest])));
const json = JSON.stringify({ node: process.version, connections: Number(values.connections), figures });
console.log(json);
if (values.json) writeFileSync(values.json, `${json}\n`);
if (figures.some(({ wrong }) => wrong > 0)) process.exitCode = 1;
