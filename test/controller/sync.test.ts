// Sync primitives under the controller: a small share of the schedules (npm run control runs the rest), and the proof that what is wrong is seen.

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as B from "./board.ts";
import { Crew } from "./crew.ts";
import { atRandom, bounded, type Findings, stops } from "./explore.ts";
import { hunt, MUTANTS, spoil } from "./mutants.ts";
import { SYNC_PROGRAMS } from "./programs-sync.ts";
import { faultOf, parseLine } from "./replay.ts";

vi.setConfig({ testTimeout: 120_000 });
const ROOT = new URL("../../", import.meta.url).href;
const named = (text: string) => SYNC_PROGRAMS.filter(({ name }) => name.startsWith(text));

describe("sync primitives under the controller", () => {
  let crew: Crew;
  beforeAll(() => {
    crew = Crew.on(ROOT);
  });
  afterAll(() => crew.close());

  const clean = async (findings: Promise<Findings>) => expect((await findings).faults).toEqual([]);

  it("random schedules of every program, with and without a death", async () => {
    for (const [i, program] of SYNC_PROGRAMS.entries()) {
      await clean(atRandom(crew, program, 3, i * 3, false));
      await clean(atRandom(crew, program, 3, i * 3, true));
    }
  });

  it("every schedule with two interruptions of two threads at a mutex", async () => {
    const findings = await bounded(crew, named("mutex: two block")[0]!, 2, 1_000);
    expect(findings).toMatchObject({ faults: [], left: 0 });
    expect(findings.runs).toBeGreaterThan(20);
  });

  it.each(["mutex: held over", "condition: given up", "barrier: two"])(
    "a thread stopped, and retired, before every step: %s",
    async (name) => {
      for (const fault of [B.STOP, B.FENCE]) await clean(stops(crew, named(name)[0]!, 1, fault));
    },
  );
});

describe("spoiled code", () => {
  it.each([
    ["an unlock serves one", "rw mutex: readers who need"],
    ["a signal is kept by who cannot have the lock", "condition: its lock is closed"],
    ["the sweep gives back what a thread holds that still runs", "mutex: three"],
  ])("%s: found, and found again from its line", async (name, where) => {
    const mutant = MUTANTS.find((one) => one.name === name)!;
    const crew = Crew.on(spoil(ROOT, mutant, `test-${MUTANTS.indexOf(mutant)}`));
    const { caughtBy, what } = await hunt(crew, mutant, 500, named(where));
    expect(caughtBy).toBeDefined();
    const { program, schedule } = parseLine(caughtBy!, SYNC_PROGRAMS);
    expect(faultOf(program, await crew.run(program, schedule))).toBe(what);
    await crew.close();
  });
});
