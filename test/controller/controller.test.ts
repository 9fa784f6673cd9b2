// A small share of the schedules (npm run control runs the rest), and the proof that the controller sees what is wrong and can show it again.

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as B from "./board.ts";
import { Crew } from "./crew.ts";
import { atRandom, bounded, type Findings, scheduleOf, stops } from "./explore.ts";
import { hunt, MUTANTS, spoil } from "./mutants.ts";
import { CHANNEL_PROGRAMS, PROGRAMS } from "./programs.ts";
import { faultOf, lineOf, parseLine } from "./replay.ts";

vi.setConfig({ testTimeout: 120_000 });
const ROOT = new URL("../../", import.meta.url).href;
const named = (text: string) => PROGRAMS.filter(({ name }) => name.startsWith(text));

describe("channels and selects under the controller", () => {
  let crew: Crew;
  beforeAll(() => {
    crew = Crew.on(ROOT);
  });
  afterAll(() => crew.close());

  const clean = async (findings: Promise<Findings>) => expect((await findings).faults).toEqual([]);

  it("random schedules of every program", async () => {
    for (const [i, program] of CHANNEL_PROGRAMS.entries()) await clean(atRandom(crew, program, 4, i * 4, false));
  });

  it("random schedules in which a thread dies", async () => {
    for (const [i, program] of CHANNEL_PROGRAMS.entries()) await clean(atRandom(crew, program, 4, i * 4, true));
  });

  it("every schedule with two interruptions of two facing selects", async () => {
    const [program] = named("selects face each other, capacity 0");
    const findings = await bounded(crew, program!, 2, 1_000);
    expect(findings).toMatchObject({ faults: [], left: 0 });
    expect(findings.runs).toBeGreaterThan(200);
  });

  it("a thread stopped, and retired, before every step of a run", async () => {
    for (const program of [...named("closed under everybody, capacity 1"), ...named("selects over blocks, capacity 0")]) {
      for (const fault of [B.STOP, B.FENCE]) await clean(stops(crew, program, 1, fault));
    }
  });

  it("a thread that is terminated for good, and a new one in its place", async () => {
    const [program] = named("2 to 2, capacity 1");
    for (const faultAt of [10, 20]) {
      const run = await crew.run(program!, { ...scheduleOf(faultAt, true), fault: B.TERMINATE, faultAt });
      expect(faultOf(program!, run)).toBeUndefined();
      expect(run.history.some(([code]) => code === B.FENCED)).toBe(true);
    }
  });

  it("a schedule repeats, step by step, from its line", async () => {
    for (const [i, program] of named("select").entries()) {
      const line = lineOf(program, scheduleOf(i, i % 2 === 0));
      const first = await crew.run(program, scheduleOf(i, i % 2 === 0));
      const { schedule } = parseLine(line, PROGRAMS);
      expect(await crew.run(program, schedule)).toEqual(first);
    }
  });
});

describe("spoiled code", () => {
  it.each([
    ["a cancelled wait stays linked", "receivers give up, capacity 0"],
    ["no look between BLOCKED and sleep", "1 to 1, both block, capacity 0"],
    ["the sweep does not go on with a close", "closed over three receivers, capacity 0"],
  ])("%s: found, and found again from its line", async (name, where) => {
    const mutant = MUTANTS.find((one) => one.name === name)!;
    const crew = Crew.on(spoil(ROOT, mutant, `test-${MUTANTS.indexOf(mutant)}`));
    const { caughtBy, what } = await hunt(crew, mutant, 500, named(where));
    expect(caughtBy).toBeDefined();
    const { program, schedule } = parseLine(caughtBy!, PROGRAMS);
    expect(faultOf(program, await crew.run(program, schedule))).toBe(what);
    await crew.close();
  });
});
