// The chaos over leased queues: one death after another in the middle of traffic. What it holds the runtime to is in deaths.js.

import { setTimeout as sleep } from "node:timers/promises";
import { HUNG_MS, Stage, until } from "./deaths-stage.js";

/** `minutes`: it stops then, with as many deaths as there were. */
export async function dieUnderTraffic(api, apiUrl, { deaths, seed, minutes = 600 }) {
  const started = performance.now();
  const stage = await Stage.open(api, apiUrl, seed);
  const end = started + minutes * 60_000;
  while (stage.died < deaths && performance.now() < end && stage.hung === 0) {
    const before = stage.progress;
    await Promise.all([stage.strike(), sleep(stage.rand() * 8)]);
    // Into the middle of traffic, unless a death has just stopped all of it; and never on while nobody gets anything done.
    if (!(await until(() => stage.progress > before + 10, HUNG_MS)))
      stage.hang(`nothing goes on; threads ${stage.rt.threadIds}; ${stage.actors}`);
  }
  const { isClean, ...found } = await stage.clear();
  const { died, inHand, problems, ways } = stage;
  const hasPower = inHand >= Math.min(100, deaths / 20);
  if (!hasPower) stage.say(`only ${inHand} threads died with a job in hand`);
  return {
    probe: "deaths",
    version: process.version,
    seed,
    deaths: died,
    inHand,
    ...found,
    ok: isClean && hasPower,
    problems,
    ways,
    seconds: Math.round((performance.now() - started) / 100) / 10,
  };
}
