/**
 * Probe: memory, measured in a process of its own that has done nothing else: `probe <name> <count>` prints one line of
 * JSON, { value, by, ... what it saw }.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { f64, Runtime } from "../../src/index.ts";
import { startWorkers } from "./start.ts";
import { markOf, nameOf } from "./witness.ts";

const SETTLE_MS = 300;
const WARM_UP = 200;

type Probed = { value: number; by: string } & Record<string, number | string>;
type Probe = (count: number) => Promise<Probed>;

async function settledRss(): Promise<number> {
  await sleep(SETTLE_MS);
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

/** Resident MB a thread adds. */
async function threadsOfHeddle(threads: number): Promise<Probed> {
  const before = await settledRss();
  const rt = await Runtime.start({ threads });
  const after = await settledRss();
  const seen = { threads: new Set(rt.threadIds).size };
  await rt.close();
  return { value: (after - before) / threads / 2 ** 20, by: nameOf(markOf(rt)), ...seen };
}

async function bareWorkers(threads: number): Promise<Probed> {
  const before = await settledRss();
  const workers = await startWorkers(threads);
  const after = await settledRss();
  const seen = { threads: new Set(workers.map((worker) => worker.threadId)).size };
  await Promise.all(workers.map((worker) => worker.terminate()));
  return { value: (after - before) / threads / 2 ** 20, by: nameOf(markOf(workers[0]!)), ...seen };
}

/** Bytes an open channel of capacity 64 takes: in the shared heap, and in JavaScript's. */
async function openChannels(count: number): Promise<Probed> {
  const rt = await Runtime.start({ threads: 0 });
  for (let i = 0; i < WARM_UP; i++) rt.channel(f64, 64).close();
  await settledRss();
  const heap = rt.heapUse();
  const script = process.memoryUsage().heapUsed;
  const channels = Array.from({ length: count }, () => rt.channel(f64, 64));
  await settledRss();
  const bytes = rt.heapUse().usedBytes - heap.usedBytes + (process.memoryUsage().heapUsed - script);
  const open = rt.heapUse().channels - heap.channels;
  for (const channel of channels) channel.close();
  await rt.close();
  return { value: bytes / count, by: nameOf(markOf(channels[0]!)), channels: open };
}

/** Resident bytes a parked task takes, all of them parked at once on two threads. */
async function parkedTasks(count: number): Promise<Probed> {
  const rt = await Runtime.start({ threads: 2 });
  const tasks = rt.module<typeof import("../suites/tasks-tasks.ts")>(new URL("../suites/tasks-tasks.js", import.meta.url));
  const gate = rt.channel(f64, 0);
  const park = async (many: number) => {
    const started = Array.from({ length: many }, () => rt.go(tasks.waitAt, gate.receiver));
    // Each parked receive holds one of an operation chunk's 32 places.
    while (rt.heapUse().opChunks * 32 < many) await sleep(5);
    return started;
  };
  const release = async (started: PromiseLike<number>[]) => {
    for (let i = 0; i < started.length; i++) await gate.send(i);
    return (await Promise.all(started)).reduce((sum, value) => sum + value, 0);
  };
  await release(await park(WARM_UP));
  const before = await settledRss();
  const parked = await park(count);
  const after = await settledRss();
  const tasksParked = rt.heapUse().tasks;
  const sum = await release(parked);
  await rt.close();
  return { value: (after - before) / count, by: nameOf(markOf(gate)), tasks: tasksParked, sum };
}

const PROBES: Record<string, Probe> = { threadsOfHeddle, bareWorkers, openChannels, parkedTasks };

const [name = "", count = ""] = process.argv.slice(2);
console.log(JSON.stringify(await PROBES[name]!(Number(count))));
