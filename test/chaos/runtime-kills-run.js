// Chaos over the public API: whatever traffic a probe puts on, its threads are killed at random, from outside (rt.kill, a bare terminate) and by their own
// hand (process.exit, an uncaught error).
//
// Holds the runtime to: nobody hangs; every task of a dead thread settles within 1 s of its exit, with ERR_THREAD_DIED; no other task is touched; threads
// are replaced; every accepted value arrives exactly once, in its sender's order and as it was sent, but for those in the hands of the dead (at most what
// one receive brings for each receiver that died on the channel, and what one call sends for each sender that had not returned); no lock held, no
// structure torn; the heap is empty in the end.

import { resolve } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { setEnvironmentData } from "node:worker_threads";
import { heldLocks, tornStructures } from "../support/kill-probe-check.js";
import { options, random, readLayout } from "../support/kill-probe-load.js";
import { audit, BOOKS_BYTES, books, WORDS } from "./runtime-kills-books.js";
import { Cast } from "./runtime-kills-cast.js";
import { watch, within } from "./runtime-kills-watch.js";

const SETTLE_MS = 1_000;
/** Nothing may take this long, however busy the machine is: it hangs. */
const HUNG_MS = 20_000;

/**
 * `api` is the runtime's module, `apiUrl` the same for the threads to import; `play` puts channels and roles on a Cast, and may answer what looks at the
 * end of it: { close(), audit() → { faults, … } }. `fixture` names the module of the roles.
 */
export async function killUnderTraffic(probe, play, api, apiUrl, { kills, seed, threads = 2 }, fixture = "runtime-kills.js") {
  const started = Date.now();
  const rand = random(seed);
  const buffer = new SharedArrayBuffer(BOOKS_BYTES);
  const book = books(buffer);
  setEnvironmentData("runtime-kills", { buffer, api: apiUrl });
  const findings = { held: 0, torn: 0, hung: 0, late: 0, miscoded: 0 };
  const ways = { byKill: 0, byTerminate: 0, bySuicide: 0 };
  let killed = 0;
  const problems = [];
  const say = (counter, text) => {
    findings[counter]++;
    if (problems.length < 20) problems.push(`after kill ${killed}: ${text}`);
  };
  const isBad = () => Object.values(findings).some((count) => count > 0);

  const watchdog = watch(buffer);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const stallMs = () => Math.round(delay.max / 1e6);
  const workers = new Map();
  const doomed = new Set();
  const exited = new Map(); // thread → when its exit was seen
  const onWorker = (worker) => {
    const id = worker.threadId;
    workers.set(id, worker);
    worker.on("exit", () => {
      exited.set(id, performance.now());
      workers.delete(id);
    });
  };
  process.on("worker", onWorker);

  const rt = await api.Runtime.start({ threads, maxDedicated: 16, heapBytes: 64 << 20 });
  const { memory } = rt.channel(api.f64, 0).sender.ring.thread.heap;
  const L = readLayout();
  const spare = rt.heapUse().channels; // the one above
  const jobs = rt.module(new URL(`../fixtures/${fixture}`, import.meta.url));
  const cast = new Cast({ rt, api, jobs, book, deaths: { doomed, exited }, say });
  const more = play(cast);

  /** Looks at the heap while everybody rests. Threads between two steps may still be inside a transition: only what stays is a finding. */
  async function inspect() {
    Atomics.store(book.i32, WORDS.PAUSE, 1);
    for (let tries = 0; ; tries++) {
      await sleep(5);
      const held = heldLocks(L, memory);
      const torn = held.length > 0 ? [] : tornStructures(L, memory);
      if (held.length + torn.length === 0) break;
      if (tries < 100) continue;
      for (const line of held) say("held", line);
      for (const line of torn) say("torn", line);
      break;
    }
    Atomics.store(book.i32, WORDS.PAUSE, 0);
    Atomics.notify(book.i32, WORDS.PAUSE);
  }

  let slowestExitMs = 0;
  async function killOne() {
    const ids = rt.threadIds.filter((id) => workers.has(id));
    if (ids.length === 0) return false;
    const id = ids[Math.floor(rand() * ids.length)];
    const worker = workers.get(id);
    const gone = new Promise((done) => worker.once("exit", done));
    doomed.add(id);
    const struck = performance.now();
    let way = rand();
    if (way > 0.7) {
      Atomics.store(book.i32, WORDS.SUICIDE, id);
      await within(gone, 30);
      Atomics.store(book.i32, WORDS.SUICIDE, 0);
      if (exited.has(id)) ways.bySuicide++;
      else way = rand() * 0.7;
    }
    if (way <= 0.35) {
      if (rt.kill(id, "chaos")) ways.byKill++;
    } else if (way <= 0.7) {
      ways.byTerminate++;
      void worker.terminate();
    }
    await within(gone, HUNG_MS);
    slowestExitMs = Math.max(slowestExitMs, performance.now() - struck);
    if (!exited.has(id))
      say("hung", `thread ${id} (${cast.on(id)}) did not exit; way ${way.toFixed(2)}, longest stall of this loop ${stallMs()} ms`);
    killed++;
    setTimeout(() => {
      for (const name of cast.on(id)) say("late", `${name} on thread ${id} is unsettled ${SETTLE_MS} ms after the exit`);
    }, SETTLE_MS).unref();
    return true;
  }

  const progress = () => book.i32[WORDS.RECEIVED] + book.i32[WORDS.JOINED];
  async function until(condition, limitMs) {
    const limit = performance.now() + limitMs;
    while (!condition() && performance.now() < limit) await sleep(2);
    return condition();
  }

  while (killed < kills && !isBad()) {
    const before = progress();
    await sleep(rand() * 12);
    await until(() => progress() > before + 100, 60); // into the middle of traffic, unless a kill has just stopped all of it
    if (!(await killOne()) && !(await until(() => rt.threadIds.length > 0, HUNG_MS))) say("hung", "no thread is left and none is started");
    if (killed % 25 === 0) {
      await inspect();
      if (!(await until(() => rt.threadIds.length >= threads, HUNG_MS)))
        say("hung", `${rt.threadIds.length} threads are left and none is started`);
      const before = progress();
      if (!(await until(() => progress() > before, HUNG_MS))) say("hung", "no value arrives any more");
    }
  }

  cast.stop();
  Atomics.store(book.i32, WORDS.STOP, 1);
  if (!(await until(() => cast.sending.length === 0, HUNG_MS))) say("hung", `still sending after stop: ${cast.sending}`);
  cast.close();
  const names = () => [...cast.live.values()].map(({ name }) => name);
  if (!(await until(() => cast.live.size === 0, HUNG_MS))) say("hung", `still running after close: ${names()}`);
  cast.takeRest();
  const audited = more ? await more.audit(until) : { faults: 0 };
  more?.close();
  await within(cast.over, 2_000);
  await until(() => rt.heapUse().tasks === 0 && rt.heapUse().syncs === 0, 2_000);
  await inspect();
  const use = rt.heapUse();
  const closing = await within(rt.close({ graceMs: 1_000 }), HUNG_MS);
  if (!closing) say("hung", "close() does not settle");
  const heapLeft = { tasks: use.tasks, channels: use.channels - spare, blocks: use.blocks, syncs: use.syncs };
  process.off("worker", onWorker);
  await watchdog();

  const { missing, ...values } = audit(book, cast.channelOfStream, cast.channels.length);
  for (const name of ["TWICE", "DISORDER", "PHANTOM", "SPOILT", "WRONG", "SENT", "JOINED", "TIMED"])
    values[name.toLowerCase()] = (values[name.toLowerCase()] ?? 0) + book.i32[WORDS[name]];
  const lost = missing.reduce((sum, count, channel) => sum + Math.max(0, count - cast.hands[channel]), 0);
  const { twice, disorder, phantom, spoilt, wrong } = values;
  const faults =
    lost +
    twice +
    disorder +
    phantom +
    spoilt +
    wrong +
    heapLeft.tasks +
    heapLeft.channels +
    heapLeft.blocks +
    heapLeft.syncs +
    audited.faults;
  return {
    probe,
    version: process.version,
    seed,
    kills: killed,
    ...ways,
    ...findings,
    lost,
    inHands: missing.reduce((sum, count) => sum + count, 0),
    ok: !isBad() && faults === 0,
    problems,
    values,
    ...(more ? { audited } : {}),
    tasks: { ...cast.tally, slowestExitMs, diedAs: cast.diedAs },
    heapLeft,
    deaths: closing?.deaths.length,
    stallMs: stallMs(),
    seconds: Math.round((Date.now() - started) / 100) / 10,
  };
}

/** The command line of a probe: one line of JSON, exit code 1 when something was found. */
export async function main(run) {
  const { kills, seed, api } = options(process.argv.slice(2), { kills: 2_000, seed: 1, api: "dist/src/index.js" });
  const url = pathToFileURL(resolve(api)).href;
  const result = await run(await import(url), url, { kills, seed });
  console.log(JSON.stringify(result));
  process.exitCode = result.ok ? 0 : 1;
}
