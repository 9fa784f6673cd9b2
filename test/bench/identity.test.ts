/** Who did the work: real libraries tell it from inside, and no two of them can be swapped. */
import { describe, expect, test } from "vitest";
import { callsExpected, echoPipelined, working } from "../../bench/contenders/calls.ts";
import { heddleInline } from "../../bench/contenders/heddle-inline.ts";
import { heddlePool } from "../../bench/contenders/heddle-pool.ts";
import { type Work, work } from "../../bench/contenders/jobs.js";
import { type Crew, calling, type Library } from "../../bench/contenders/library.ts";
import { type Load, loadExpected, tasksOf } from "../../bench/contenders/load.ts";
import { PEERS } from "../../bench/contenders/peers.ts";
import { plainLoop } from "../../bench/contenders/plain-loop.ts";
import { splitBeforehand } from "../../bench/contenders/split.ts";
import { isNamed, runScenario } from "../../bench/harness/rounds.ts";
import type { Contender, Seen } from "../../bench/harness/scenario.ts";

const CALLS = 20;
const LOAD: Load = { count: 12, turns: 3_000, lengthBytes: 1_024 };
const toUs = (ns: number) => ns / 1_000;

function once(contender: Contender, expected: Seen) {
  return runScenario(
    { id: "S9", title: "little", unit: "µs", expected, contenders: [contender], warmUps: 0 },
    { rounds: 1, limitMs: 20_000 },
  );
}

const LIBRARIES = [...PEERS, { ...heddleInline, threads: 0 }].filter((one) => one.missing?.() === undefined);
const NAMES = [...LIBRARIES.map(({ name }) => name), "plain", "bare Workers, split beforehand", "heddle, fanOut"];

describe.each(LIBRARIES)("$name", (library) => {
  const threads = "threads" in library ? 0 : 2;

  test("does the calls and the tasks, tells who it is, and would pass for nobody else", { timeout: 60_000 }, async () => {
    const contender = calling(library, threads, echoPipelined(CALLS));
    expect(await once(contender, callsExpected(CALLS))).toHaveLength(1);
    const worker = calling(library, threads, working(tasksOf(LOAD)));
    await worker.open();
    const { by, seen } = await worker.run();
    await worker.close();
    expect(seen).toEqual(loadExpected(LOAD));
    const others = NAMES.filter((name) => name !== library.name && !library.name.startsWith(`${name}, `));
    expect(isNamed(by, library.name)).toBe(true);
    expect(others.filter((name) => isNamed(by, name))).toEqual([]);
  });
});

test("a name that another library stands under is refused", async () => {
  const swapped: Library = { ...heddlePool, name: "piscina", family: "piscina" };
  await expect(once(calling(swapped, 1, echoPipelined(CALLS)), callsExpected(CALLS))).rejects.toMatchObject({
    code: "ERR_WRONG_CONTENDER",
    message: expect.stringContaining("done by piscina, it was done by heddle, pool, 1 thread"),
  });
});

/** A library that does what `call` says, on the thread of the test. */
const pretended = (call: Crew["call"]): Library => ({
  name: "heddle",
  family: "heddle",
  open: async () => ({ call, close: async () => undefined }),
});

test("a crew of fewer threads than it was asked for does not begin", async () => {
  const lone = pretended(async (_, input) => work(input as Work));
  await expect(once(calling(lone, 2, echoPipelined(CALLS)), callsExpected(CALLS))).rejects.toThrow("expected 2 threads to answer, 1 did");
});

test("work that is done by threads that are not the crew's is told from theirs", async () => {
  const elsewhere = calling(heddlePool, 1, async (crew) => ({ ...(await working(tasksOf(LOAD))(crew)), threads: new Set([0]) }));
  await expect(once(elsewhere, loadExpected(LOAD))).rejects.toThrow("threads that are not its own");
});

describe("tasks", () => {
  const plain = (load: Load) => once(plainLoop(load, toUs), loadExpected(LOAD));

  test("are found the same by the loop, by bare Workers and by the reference, which computes them in another way", async () => {
    for (const load of [LOAD, { count: 1, turns: 0, lengthBytes: 0 }, { count: 33, turns: 12_345, lengthBytes: 16 }])
      expect(await once(plainLoop(load, toUs), loadExpected(load))).toHaveLength(1);
    expect(await once(splitBeforehand(LOAD, 2, toUs), loadExpected(LOAD))).toHaveLength(1);
  });

  test("without their work, with a turn less, with one task less, with another payload: no speed", async () => {
    await expect(plain({ ...LOAD, turns: 0 })).rejects.toThrow("sum: expected");
    await expect(plain({ ...LOAD, turns: LOAD.turns - 1 })).rejects.toThrow("sum: expected");
    await expect(plain({ ...LOAD, count: LOAD.count - 1 })).rejects.toThrow("count: expected 12, saw 11");
    await expect(plain({ ...LOAD, lengthBytes: 0 })).rejects.toThrow("sum: expected");
  });
});
