// The soak: what is measured while it runs. What it holds the runtime to is in soak.js.

import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Stage, until } from "./deaths-stage.js";

const DEATH_EVERY_MS = 250;
const SAMPLE_EVERY_MS = 1_000;
const WARM_UP_MS = 120_000;

/** Entries of /proc/self/<folder>: descriptors (fd), threads of the operating system (task). Undefined where there is no /proc. */
function entries(folder) {
  try {
    return readdirSync(`/proc/self/${folder}`).length;
  } catch {
    return undefined;
  }
}

/** Least squares: MB a minute. Undefined for less than two minutes of samples. */
function slope(samples) {
  if (samples.length < 120) return undefined;
  const mean = (of) => samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const [at, rss] = [mean((one) => one.minutes), mean((one) => one.rssMb)];
  const above = samples.reduce((sum, one) => sum + (one.minutes - at) * (one.rssMb - rss), 0);
  return Math.round((above / samples.reduce((sum, one) => sum + (one.minutes - at) ** 2, 0)) * 100) / 100;
}

function percentile(sorted, share) {
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 100) / 100;
}

/** The middle half of some counts: a death or a start makes one more or less for a moment. */
function settled(counts) {
  const sorted = counts.filter((count) => count !== undefined).sort((a, b) => a - b);
  return sorted.length === 0 ? undefined : [percentile(sorted, 0.25), percentile(sorted, 0.75)];
}

export async function soak(api, apiUrl, { minutes, seed }) {
  const started = performance.now();
  const now = () => performance.now() - started;
  const stage = await Stage.open(api, apiUrl, seed);
  const { rt } = stage;
  const jobs = rt.module(new URL("../fixtures/deaths.js", import.meta.url));
  const all = () => rt.threadIds.length >= 6; // four light ones and two of their own
  await until(all, 20_000);
  const first = { threads: entries("task"), descriptors: entries("fd") };
  const samples = [];
  const latencies = [];
  const end = minutes * 60_000;
  let isOver = false;

  async function ask() {
    while (!isOver) {
      const asked = performance.now();
      const isAnswered = await rt.go(jobs.answer).then(
        () => true,
        () => false, // its thread died
      );
      if (isAnswered) latencies.push(performance.now() - asked);
      await sleep(20);
    }
  }
  async function sample() {
    while (!isOver) {
      await sleep(SAMPLE_EVERY_MS);
      const rssMb = process.memoryUsage.rss() / 2 ** 20;
      samples.push({ minutes: now() / 60_000, rssMb, threads: entries("task"), descriptors: entries("fd") });
    }
  }
  const beside = [ask(), sample()];
  while (now() < end && stage.hung === 0) {
    const before = stage.progress;
    await Promise.all([stage.strike(), sleep(DEATH_EVERY_MS)]);
    if (!(await until(() => stage.progress > before, 20_000))) stage.hang("nothing goes on");
  }
  isOver = true;
  await Promise.all(beside);
  await until(all, 20_000);
  await sleep(500); // the system takes a moment to take a thread away
  const last = { threads: entries("task"), descriptors: entries("fd") };
  const { isClean, ...found } = await stage.clear();
  const { died, inHand, problems, ways } = stage;
  const steady = samples.filter((one) => one.minutes * 60_000 > WARM_UP_MS);
  latencies.sort((a, b) => a - b);
  return {
    probe: "soak",
    version: process.version,
    seed,
    minutes: Math.round(now() / 600) / 100,
    deaths: died,
    inHand,
    ...found,
    ok: isClean,
    problems,
    ways,
    slopeMbPerMinute: slope(steady),
    rssMb: { first: Math.round(samples[0]?.rssMb), last: Math.round(samples.at(-1)?.rssMb) },
    threads: { first: first.threads, last: last.threads, between: settled(samples.map((one) => one.threads)) },
    descriptors: { first: first.descriptors, last: last.descriptors, between: settled(samples.map((one) => one.descriptors)) },
    answers: latencies.length,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    seconds: Math.round(now() / 100) / 10,
  };
}
