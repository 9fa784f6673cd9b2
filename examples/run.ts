// Runs one of the examples:  npm run example -- tee [--threads 2]
// With `--threads 0` the same program runs on one thread. Wrong input is answered with what would be right and exit code 2.

import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { Runtime } from "../src/index.ts";

/** What a folder's main.ts exports. */
export interface Example {
  /** What it does, in a line. */
  readonly about: string;
  /** Runs it and says what came of it, a line at a time: the same lines on any number of threads. */
  run(rt: Runtime): AsyncIterable<string>;
}

const folders = readdirSync(new URL(".", import.meta.url)).filter((name) => /^\d\d-/.test(name));

/** The examples by name, in their order. */
export const examples = new Map(folders.map((folder) => [folder.slice(3), new URL(`./${folder}/main.ts`, import.meta.url)]));

export async function load(name: string): Promise<Example> {
  return (await import(examples.get(name)!.href)) as Example;
}

/** What the command line asks for; undefined if it is wrong. */
function parse(args: string[]): { name: string; threads: number | undefined } | undefined {
  try {
    const { values, positionals } = parseArgs({ args, options: { threads: { type: "string" } }, allowPositionals: true });
    const threads = values.threads === undefined ? undefined : Number(values.threads);
    const [name] = positionals;
    if (name === undefined || !examples.has(name)) return undefined;
    return threads === undefined || (Number.isInteger(threads) && threads >= 0) ? { name, threads } : undefined;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // an option that is none
    return undefined;
  }
}

async function main(args: string[]): Promise<number> {
  const parsed = parse(args);
  if (!parsed) {
    console.error(`usage: npm run example -- <name> [--threads n]; names: ${[...examples.keys()].join(", ")}`);
    return 2;
  }
  const { name, threads } = parsed;
  const example = await load(name);
  const rt = await Runtime.start(threads === undefined ? {} : { threads });
  const start = performance.now();
  console.log(`${name}: ${example.about} (${rt.threads === 0 ? "on one thread" : `${rt.threads} threads`})`);
  for await (const line of example.run(rt)) console.log(`  ${line}`);
  console.log(`  in ${Math.round(performance.now() - start)} ms`);
  await rt.close();
  return 0;
}

if (process.argv[1]?.endsWith("run.ts")) process.exitCode = await main(process.argv.slice(2));
