// Services: calls, state, errors, live objects, streams and signals; the same on a thread of their own and on the calling thread.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Runtime, type Service } from "../../src/index.ts";
import { leftovers, NOTHING } from "../support/heap.ts";

const url = new URL("../fixtures/service-jobs.js", import.meta.url);
type Jobs = typeof import("../fixtures/service-jobs.ts");

describe.each([0, 1])("with threads: %i", (threads) => {
  let rt: Runtime;
  let service: Service<Jobs>;
  beforeEach(async () => {
    rt = await Runtime.start({ threads });
    service = rt.supervise().service<Jobs>(url);
  });
  afterEach(async () => {
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("keeps its state from call to call, on a thread that is its own", async () => {
    expect(service.state).toBe("starting");
    expect(await service.call.add(2)).toBe(2);
    await service.ready();
    expect(service.state).toBe("running");
    expect(await service.call.add(3)).toBe(5);
    const state = await service.call.state();
    expect(state).toMatchObject({ count: 5, hooks: ["start"], isCurrent: true });
    if (threads > 0) expect(state.threadId).toBe(service.threadId);
    else expect(service.threadId).toBe(0);
  });
});
