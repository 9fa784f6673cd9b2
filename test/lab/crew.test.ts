/** Bare Workers: results in order, failures never left waiting. */
import { expect, onTestFinished, test } from "vitest";
import { Crew } from "../../bench/lab/bare/crew.ts";

function moduleOf(code: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

async function crewOf(code: string, size: number): Promise<Crew<number, number>> {
  const crew = await Crew.start<number, number>(moduleOf(code), "work", size);
  onTestFinished(() => crew.close());
  return crew;
}

test("results come in the order of the parts, run after run", async () => {
  const crew = await crewOf("export const work = (n) => n * n", 3);
  expect(await crew.run([3, 4, 5])).toEqual([9, 16, 25]);
  expect(await crew.run([6])).toEqual([36]);
  await expect(crew.run([1, 2, 3, 4])).rejects.toThrow("a crew of 3");
});

test("a part that fails rejects, now and later", async () => {
  const crew = await crewOf("export const work = (n) => { if (n < 0) throw new RangeError('below zero'); return n }", 1);
  await expect(crew.run([-1])).rejects.toThrow("below zero");
  await expect(crew.run([1])).rejects.toThrow("below zero");
});

test("a Worker that leaves rejects", async () => {
  const crew = await crewOf("export const work = () => process.exit(3)", 2);
  await expect(crew.run([1, 2])).rejects.toThrow("exited with code 3");
});

test("a module that does not load, or lacks the function, rejects the start", async () => {
  await expect(Crew.start(moduleOf("throw new Error('not today')"), "work", 2)).rejects.toThrow("not today");
  await expect(Crew.start(moduleOf("export const play = 1"), "work", 2)).rejects.toThrow("no function work");
});
