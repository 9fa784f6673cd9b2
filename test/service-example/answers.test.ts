// Each endpoint of the example service gives the same bytes wherever the work is done; bad requests are told what is wrong with them.

import { expect, it } from "vitest";
import { loadRequests, send } from "../../examples/service/load/requests.ts";
import { HeddleWork } from "../../examples/service/src/heddle-work.ts";
import { buildServer } from "../../examples/service/src/server.ts";
import { DEFAULTS, settingsOf, VARIANTS } from "../../examples/service/src/settings.ts";
import type { Work } from "../../examples/service/src/work.ts";
import { leftovers, NOTHING } from "../support/heap.ts";
import { failure, metrics, post, resize, serve, smallPicture } from "./support.ts";

const requests = loadRequests();

it.each(VARIANTS)("%s: the same answers; the metrics tell of them; nothing is left", { timeout: 60_000 }, async (variant) => {
  const { app, work, origin } = await serve({ variant });
  expect((await fetch(`${origin}/health`)).status).toBe(200);
  expect((await fetch(`${origin}/ready`)).status).toBe(200);
  for (const request of requests) {
    const response = await send(origin, request);
    expect([request.path, response.status]).toEqual([request.path, 200]);
    expect(Buffer.from(await response.arrayBuffer()).equals(request.answer)).toBe(true);
  }
  expect(await failure(await resize(origin, Buffer.from("no picture")))).toMatchObject({ status: 400, code: "ERR_BAD_INPUT" });
  const figures = await metrics(origin);
  const searches = requests.filter(({ method }) => method === "GET").length;
  expect(figures.get('http_request_duration_seconds_count{route="/search",status="200"}')).toBe(searches);
  expect(figures.get("nodejs_eventloop_lag_p99_seconds")).toBeGreaterThan(0);
  expect(figures.get('work_calls_total{work="search",outcome="succeeded"}')).toBe(variant === "inline" ? undefined : searches);
  expect([...figures.keys()].filter((name) => !/^\w+(\{.*\})?$/.test(name))).toEqual([]);
  await app.close();
  if (work instanceof HeddleWork) expect(await leftovers(work.rt)).toEqual(NOTHING);
});

it("what is wrong with a request is said, with 4xx and a code", async () => {
  const { app, origin } = await serve({ variant: "inline", bodyLimitBytes: 10_000 });
  const bomb = Buffer.from(smallPicture);
  bomb.writeUInt32BE(2 ** 31 - 1, 16);
  const cases = [
    [resize(origin, bomb), 400, "ERR_BAD_INPUT"],
    [resize(origin, smallPicture.subarray(0, 40)), 400, "ERR_BAD_INPUT"],
    [post(`${origin}/resize?width=21`, "image/png", smallPicture), 400, "ERR_BAD_INPUT"],
    [post(`${origin}/resize?width=0`, "image/png", smallPicture), 400, "FST_ERR_VALIDATION"],
    [post(`${origin}/resize`, "image/png", smallPicture), 400, "FST_ERR_VALIDATION"],
    [resize(origin, smallPicture, { "x-timeout-ms": "soon" }), 400, "FST_ERR_VALIDATION"],
    [post(`${origin}/resize?width=2`, "text/markdown", "x"), 415, "ERR_BAD_INPUT"],
    [post(`${origin}/render`, "image/png", smallPicture), 415, "ERR_BAD_INPUT"],
    [post(`${origin}/render`, "application/x-loom", "x"), 415, "FST_ERR_CTP_INVALID_MEDIA_TYPE"],
    [post(`${origin}/render`, "text/markdown", "x".repeat(10_001)), 413, "FST_ERR_CTP_BODY_TOO_LARGE"],
    [fetch(`${origin}/search`), 400, "FST_ERR_VALIDATION"],
    [fetch(`${origin}/search?q=sing&limit=many`), 400, "FST_ERR_VALIDATION"],
    [post(`${origin}/chaos/kill`, "text/plain", ""), 404, undefined], // only with --chaos
  ] as const;
  for (const [response, status, code] of cases) expect(await failure(await response)).toMatchObject({ status, code });
  await app.close();
});

it("a request's deadline is kept within what the service allows; without one it has the default", async () => {
  const given: number[] = [];
  const work: Partial<Work> = {
    render: async (_, { timeoutMs }) => String(given.push(timeoutMs)),
    counts: () => ({}),
    close: async () => {},
  };
  const app = buildServer(work as Work, { ...DEFAULTS, timeoutMs: 500, minTimeoutMs: 100, maxTimeoutMs: 1_000 });
  for (const wanted of ["1", "700", "9999999999", undefined]) {
    const headers = { "content-type": "text/markdown", ...(wanted && { "x-timeout-ms": wanted }) };
    await app.inject({ method: "POST", url: "/render", headers, payload: "x" });
  }
  await app.close();
  expect(given).toEqual([100, 700, 1_000, 500]);
});

it("settings: from the command line before the environment; a wrong one is told what was expected", () => {
  expect(settingsOf(["--threads", "3", "--variant", "threads-0"], { THREADS: "4", MAX_QUEUE: "5" })).toEqual({
    ...DEFAULTS,
    threads: 3,
    variant: "threads-0",
    maxQueue: 5,
  });
  expect(() => settingsOf(["--threads", "0"], {})).toThrow('expected threads to be a whole number from 1 to 512, got "0"');
  expect(() => settingsOf([], { VARIANT: "loom" })).toThrow("expected variant to be one of inline, threads-0, threads, got loom");
  expect(() => settingsOf(["--loom"], {})).toThrow("--loom");
});
