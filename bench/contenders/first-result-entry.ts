/**
 * First result, inside its process: nothing is imported but the one library, by its name.
 */
import { nowNs } from "./clock.ts";
import { FIRST, type Printed, THREADS } from "./first-result.ts";
import { echo, who } from "./jobs.js";
import type { Library } from "./library.ts";

const LIBRARIES: Readonly<Record<string, () => Promise<Library>>> = {
  heddle: async () => (await import("./heddle-pool.ts")).heddlePool,
  piscina: async () => (await import("./piscina.ts")).piscina,
  tinypool: async () => (await import("./tinypool.ts")).tinypool,
  workerpool: async () => (await import("./workerpool.ts")).workerpool,
  poolifier: async () => (await import("./poolifier.ts")).poolifier,
  comlink: async () => (await import("./comlink.ts")).comlink,
  "threads.js": async () => (await import("./threads-js.ts")).threadsJs,
  multithreading: async () => (await import("./multithreading.ts")).multithreading,
  "bare Workers": async () => (await import("./workers.ts")).bareWorkers,
};

const [name = "plain"] = process.argv.slice(2);
let printed: Printed;
if (name === "plain") {
  const result = echo(FIRST.number);
  printed = { at: nowNs(), result, by: who().who };
} else {
  const library = await LIBRARIES[name]!();
  const crew = await library.open(THREADS);
  const result = (await crew.call("echo", FIRST.number)) as number;
  const at = nowNs();
  const told = (await crew.call("who", undefined)) as ReturnType<typeof who>;
  printed = { at, result, by: told.who };
}
process.stdout.write(`${JSON.stringify(printed)}\n`, () => process.exit(0)); // its threads end with it
