// The model from the command line.
//
//   tsx model/main.ts [--quick] [--mutants] [--json out.json] [--minutes n] [--only text] [--cap states] [--jobs n]
//
// Runs every case in every campaign (grain × faults), prints a table, and fails if a property does not hold or a state cannot finish.

import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CAMPAIGNS, type Campaign, type CaseResult, casesOf, runCase } from "./campaigns.ts";
import { CASES, CROWDS } from "./cases.ts";
import { runMutants } from "./mutation-run.ts";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    mutants: { type: "boolean", default: false },
    json: { type: "string" },
    minutes: { type: "string" },
    only: { type: "string", default: "" },
    cap: { type: "string" },
    jobs: { type: "string", default: "2" },
    part: { type: "string" },
  },
});

interface Job {
  campaign: Campaign;
  index: number;
}

const cap = (campaign: Campaign) => (flags.cap === undefined ? (flags.quick ? campaign.quickCap : campaign.cap) : Number(flags.cap));

function jobs(): Job[] {
  return CAMPAIGNS.filter(({ isQuick }) => !flags.quick || isQuick).flatMap((campaign) =>
    casesOf(campaign, CASES, CROWDS).flatMap((model, index) => (model.name.includes(flags.only) ? [{ campaign, index }] : [])),
  );
}

function row(cells: (string | number)[]): string {
  return cells.map((cell, i) => (i === 0 ? String(cell).padEnd(34) : String(cell).padStart(13))).join("");
}

function report(results: CaseResult[]): boolean {
  console.log(row(["campaign", "cases", "exhaustive", "states", "violations", "cannot finish", "seconds"]));
  for (const { name } of CAMPAIGNS) {
    const list = results.filter((result) => result.campaign === name);
    if (list.length === 0) continue;
    const sum = (of: (result: CaseResult) => number) => list.reduce((total, result) => total + of(result), 0);
    console.log(
      row([
        name,
        list.length,
        list.filter(({ isCapped }) => !isCapped).length,
        sum(({ states }) => states).toLocaleString("en"),
        list.filter(({ violation }) => violation !== undefined).length,
        sum(({ stuck }) => Math.max(0, stuck)),
        sum(({ seconds }) => seconds).toFixed(0),
      ]),
    );
  }
  const bad = results.filter(({ violation, stuck }) => violation !== undefined || stuck > 0);
  for (const result of bad) {
    console.log(`\n${result.campaign}: ${result.name}: ${result.violation ?? `${result.stuck} states cannot finish`}`);
    console.log((result.lines ?? []).slice(-40).join("\n"));
  }
  return bad.length === 0;
}

/** Deals the jobs out to processes of their own, one core each. */
async function runAll(list: Job[]): Promise<CaseResult[]> {
  const count = Math.min(Number(flags.jobs), list.length);
  const started = performance.now();
  const budgetMs = (flags.minutes === undefined ? (flags.quick ? 0.6 : 14) : Number(flags.minutes)) * 60_000;
  if (count <= 1)
    return list.map(({ campaign, index }, i) =>
      runCase(campaign, casesOf(campaign, CASES, CROWDS)[index]!, cap(campaign), share(list.length - i)),
    );
  const results: CaseResult[] = [];
  let next = 0;
  /** Time left, dealt evenly over the jobs left; unused time is passed on. */
  function share(left: number): number {
    return Math.max(200, ((budgetMs - (performance.now() - started)) * count * 3) / Math.max(1, left));
  }
  await Promise.all(
    Array.from({ length: count }, () => {
      const child = fork(new URL(import.meta.url), ["--part", "worker"], { execArgv: process.execArgv });
      return new Promise<void>((resolve, reject) => {
        const give = () => {
          if (next === list.length) {
            child.disconnect();
            return resolve();
          }
          const { campaign, index } = list[next++]!;
          child.send({ campaign: CAMPAIGNS.indexOf(campaign), index, cap: cap(campaign), deadlineMs: share(list.length - next + 1) });
        };
        child.on("message", (message: CaseResult | "ready") => {
          if (message !== "ready") results.push(message);
          give();
        });
        child.on("error", reject);
        child.on("exit", (code) => {
          if (code !== 0) reject(new Error(`a part of the model ended with ${code}`));
        });
      });
    }),
  );
  return results;
}

function serve(): void {
  process.on(
    "message",
    ({ campaign, index, cap: most, deadlineMs }: { campaign: number; index: number; cap: number; deadlineMs: number }) => {
      const chosen = CAMPAIGNS[campaign]!;
      process.send!(runCase(chosen, casesOf(chosen, CASES, CROWDS)[index]!, most, deadlineMs));
    },
  );
  process.send!("ready");
}

if (flags.part === "worker") serve();
else if (flags.mutants) {
  const result = runMutants({ minutes: Number(flags.minutes ?? 12), only: flags.only, log: (line) => console.log(line) });
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify(result, null, 1)}\n`);
  process.exitCode = result.caughtShare >= 0.95 ? 0 : 1;
} else {
  const results = await runAll(jobs());
  if (!report(results)) process.exitCode = 1;
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify(results, null, 1)}\n`);
}
