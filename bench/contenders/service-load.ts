/**
 * Service load: a process that sends requests on several connections, each as soon as the one before is answered, and looks at every answer.
 */
import autocannon from "autocannon";
import { PNG } from "pngjs";
import { resize } from "../../examples/service/src/jobs/resize.ts";
import { serveOrders } from "./forked.ts";

export interface Loaded {
  readonly right: number;
  readonly wrong: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const CONNECTIONS = 8;
const SIDE = 1_000;
const WIDTHS = [40, 60, 80];

const picture = new PNG({ width: SIDE, height: SIDE });
for (let i = 0; i < SIDE * SIDE; i++) {
  const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
  picture.data.set([(x * y) & 255, (x ^ y) & 255, (x + 2 * y) & 255, 255], 4 * i);
}
const body = PNG.sync.write(picture);
const answers = WIDTHS.map((width) => Buffer.from(resize(body, width)).toString()); // as autocannon hands bodies on

async function load(port: number, amount: number): Promise<Loaded> {
  let right = 0;
  let wrong = 0;
  const requests = WIDTHS.map((width, i) => ({
    method: "POST" as const,
    path: `/?width=${width}`,
    body,
    onResponse: (status: number, text: string) => {
      if (status === 200 && text === answers[i]) right++;
      else wrong++;
    },
  }));
  const begun = performance.now();
  const { latency, errors } = await autocannon({ url: `http://127.0.0.1:${port}`, connections: CONNECTIONS, amount, requests });
  const seconds = (performance.now() - begun) / 1_000;
  return { right, wrong: wrong + errors, requestsPerSecond: amount / seconds, p50Ms: latency.p50, p99Ms: latency.p99 };
}

serveOrders({ load: ([port, amount]: [number, number]) => load(port, amount) });
