// Services in virtual time: with `threads: 0` a tree of them, its restarts and timeouts take no real time, and a seed gives the same run again.

import { expect, it } from "vitest";
import { after, f64, Runtime, type SupervisionEvent } from "../../src/index.ts";
import { now } from "../../src/runtime/clock.ts";

const url = new URL("../fixtures/service-jobs.js", import.meta.url);
type Jobs = typeof import("../fixtures/service-jobs.ts");

async function run(seed: number) {
  const rt = await Runtime.start({ threads: 0, clock: "virtual", seed });
  const began = now();
  const events: SupervisionEvent[] = [];
  const tree = rt.supervise({ onEvent: (event) => void events.push(event) });
  const service = tree.service<Jobs>(url);
  const order: string[] = [];
  await Promise.all(["a", "b", "c", "d"].map(async (name) => order.push(await service.call.later(name))));
  const gate = rt.channel(f64, 0);
  const begun = rt.channel(f64, 1);
  const late = await service
    .with({ timeoutMs: 3_600_000 })
    .call.waitAt(gate.receiver, begun)
    .then(undefined, (error: { code: string }) => error.code);
  await after(1_000).recv();
  const tookMs = Math.round(now() - began);
  gate.close();
  begun[Symbol.dispose]();
  await rt.close();
  return { order, late, tookMs, events: events.map(({ type }) => type) };
}

it("an hour's timeout takes none, and the same seed gives the same order", async () => {
  const first = await run(3);
  expect(first.order.toSorted()).toEqual(["a", "b", "c", "d"]);
  expect(first.late).toBe("ERR_TIMEOUT");
  expect(first.tookMs).toBeGreaterThanOrEqual(3_601_000);
  expect(first.events).toEqual(["started", "exited"]);
  expect((await run(3)).order).toEqual(first.order);
});
