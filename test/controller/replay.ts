// A run as a line of text that can be run again, and a run as lines that can be read.

import { SharedHeap } from "../../src/runtime/memory/heap.ts";
import * as B from "./board.ts";
import { BOSS_TASK } from "./boss-task.ts";
import type { Crew, Run, Schedule } from "./crew.ts";
import { Judge } from "./judge.ts";
import { operationOf } from "./moves.ts";
import { type Program, tasksOf } from "./program.ts";
import { showResult } from "./results.ts";
import { kindOf, threadOf } from "./schedule.ts";

const NUMBERS = ["mode", "seed", "stick", "busyShare", "fault", "faultAt", "victim", "bossRank"] as const;
const BETWEEN = " :: ";

/** `name :: mode=1 seed=7 …`, everything a run follows from. */
export function lineOf(program: Program, schedule: Schedule): string {
  const words: string[] = NUMBERS.flatMap((name) => (schedule[name] ? [`${name}=${schedule[name]}`] : []));
  if (schedule.forced?.length) words.push(`choices=${Array.from(schedule.forced, (choice) => choice.toString(36)).join("")}`);
  return program.name + BETWEEN + words.join(" ");
}

export function parseLine(line: string, programs: readonly Program[]): { program: Program; schedule: Schedule } {
  const [name, words = ""] = line.split(BETWEEN);
  const program = programs.find((one) => one.name === name);
  if (!program) throw new Error(`expected the name of a program before "${BETWEEN}", got ${name}`);
  const given = new Map(words.split(" ").map((word) => word.split("=") as [string, string]));
  const numbers = Object.fromEntries(NUMBERS.map((key) => [key, Number(given.get(key) ?? 0)]));
  const forced = Array.from(given.get("choices") ?? "", (digit) => Number.parseInt(digit, 36));
  return { program, schedule: { ...numbers, forced } as unknown as Schedule };
}

/** What is wrong with a run, or undefined. */
export function faultOf(program: Program, run: Run): string | undefined {
  if (run.outcome !== B.DONE) return [B.OUTCOME_NAMES[run.outcome], ...run.problems].join("; ");
  if (run.problems.length > 0) return run.problems.join("; ");
  return Judge.findFault(program, run.history);
}

/** Whether a second run of the same schedule takes the same steps and comes to the same. */
export async function repeats(crew: Crew, program: Program, schedule: Schedule, run: Run): Promise<boolean> {
  const again = await crew.run(program, schedule);
  return JSON.stringify([again.trace, again.history]) === JSON.stringify([run.trace, run.history]);
}

const transitions = (): string[] => Object.keys(SharedHeap.create(2 << 20, 1).fn);

/** The steps of a run, one a line. */
export function showTrace({ trace }: Run): string[] {
  const names = transitions();
  return trace.choices.map((choice, i) => {
    const label = trace.labels[i]!;
    const kind = kindOf(choice);
    const step = label >= B.FIRST_TRANSITION ? names[label - B.FIRST_TRANSITION] : B.LABEL_NAMES[label];
    const what = kind === B.STEP ? step : kind === B.BUSY_STEP ? `${step} finds a lock held` : B.KIND_NAMES[kind];
    return `${String(i).padStart(4)}  thread ${threadOf(choice)}  ${what}${trace.results[i]! >= 0 ? ` → ${trace.results[i]}` : ""}`;
  });
}

export function showHistory(program: Program, history: readonly number[][]): string[] {
  const threads = tasksOf(program).map(({ thread }) => thread);
  return history.map(([code, subject, index, ...result]) => {
    if (code === B.DEATH) return `thread ${subject} takes no further step`;
    if (code === B.FENCED) return `thread ${subject} is retired`;
    if (code === B.GONE) return `thread ${subject} is gone`;
    if (code === B.REST) return "all rest";
    const { do: what, ...given } = operationOf(program, subject!, index!) as { do: string; ends?: unknown };
    const who = subject === BOSS_TASK ? "supervisor" : `thread ${threads[subject!]} task ${subject}`;
    return `${who}: ${what} ${JSON.stringify(given)}${code === B.RETURN ? ` → ${showResult(result)}` : ""}`;
  });
}
