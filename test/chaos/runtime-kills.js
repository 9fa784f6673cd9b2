// Chaos over the public API: senders, receivers, joiners, busy and idle threads of a runtime are killed at random under traffic, from outside (rt.kill, a
// bare terminate) and by their own hand (process.exit, an uncaught error).
//
//   node test/chaos/runtime-kills.js [--kills 2000] [--seed 1] [--api dist/src/index.js]
//
// Holds the runtime to: nobody hangs; every task of a dead thread settles within 1 s of its exit, with ERR_THREAD_DIED; no other task is touched; threads
// are replaced; every accepted value arrives exactly once, but for those in the hands of the dead (one for each receive that had begun, one for each send
// that had not returned); no lock held, no structure torn; the heap is empty in the end. Prints one line of JSON, exits 1 otherwise.

import { resolve } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { setEnvironmentData } from "node:worker_threads";
import { heldLocks, tornStructures } from "../support/kill-probe-check.js";
import { options, random, readLayout } from "../support/kill-probe-load.js";
import { audit, BOOKS_BYTES, books, STREAMS, TASKS, WORDS } from "./runtime-kills-books.js";
import { watch, within } from "./runtime-kills-watch.js";

const CAPACITIES = [0, 1, 16, 256];
const SETTLE_MS = 1_000;
/** Nothing may take this long, however busy the machine is: it hangs. */
const HUNG_MS = 20_000;

/** `api` is the runtime's module, `apiUrl` the same for the threads to import. */
export async function runtimeKills(api, apiUrl, { kills, seed, threads = 2 }) {
  const started = Date.now();
  const rand = random(seed);
  const buffer = new SharedArrayBuffer(BOOKS_BYTES);
  const book = books(buffer);
  setEnvironmentData("runtime-kills", { buffer, api: apiUrl });
  const out = {
    probe: "runtime-kills",
    version: process.version,
    seed,
    kills: 0,
    byKill: 0,
    byTerminate: 0,
    bySuicide: 0,
    held: 0,
    torn: 0,
    hung: 0,
    late: 0,
    miscoded: 0,
  };
  const problems = [];
  const say = (counter, text) => {
    out[counter]++;
    if (problems.length < 20) problems.push(`after kill ${out.kills}: ${text}`);
  };

  const watchdog = watch(buffer);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const stall = () => delay.max / 1e6;
  const workers = new Map();
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

  const rt = await api.Runtime.start({ threads, maxDedicated: 8, heapBytes: 64 << 20 });
  const { memory } = rt.channel(api.f64, 0).sender.ring.thread.heap;
  const L = readLayout();
  const spare = rt.heapUse().channels; // the one above
  const channels = CAPACITIES.map((capacity) => rt.channel(api.f64, capacity));
  const jobs = rt.module(new URL("../fixtures/runtime-kills.js", import.meta.url));
  const receiversLost = { count: 0 };
  const tally = { ended: 0, died: 0, refused: 0, diedInTake: 0, slowestMs: 0, slowestExitMs: 0 };
  let streams = 0;
  let taskIds = 0;
  let stopping = false;
  let areClosed = false;
  const isReceiver = (name) => /recv/i.test(name);
  const live = new Map(); // task id → { name, since }

  /** Keeps one task of a role running, a receiver until the channels are closed, so that no sender is left with a full one; notes how each ends. */
  async function keep(name, isDedicated, args) {
    for (let n = 0; !(isReceiver(name) ? areClosed : stopping); n++) {
      if (taskIds >= TASKS - 1 || streams >= STREAMS - 1) return;
      const id = taskIds++;
      let task;
      try {
        const launcher = isDedicated ? rt.with({ dedicated: true }) : rt;
        task = launcher.go(jobs[name], id, ...args(n));
      } catch (error) {
        if (error.code !== "ERR_GANG_REFUSED") throw error;
        tally.refused++;
        await sleep(5);
        continue;
      }
      live.set(id, { name });
      try {
        await task;
        tally.ended++;
      } catch (error) {
        const where = Atomics.load(book.where, id);
        if (error.code !== "ERR_THREAD_DIED") say("miscoded", `${name} rejected with ${error.code ?? error}: ${error.message}`);
        else if (where === 0) tally.diedInTake++;
        else if (!doomed.has(where) && !exited.has(where))
          say("miscoded", `${name} on thread ${where}, which lives, rejected with ERR_THREAD_DIED`);
        if (exited.has(where)) tally.slowestMs = Math.max(tally.slowestMs, performance.now() - exited.get(where));
        if (isReceiver(name)) receiversLost.count++;
        tally.died++;
      }
      live.delete(id);
    }
  }
  const doomed = new Set();

  const roles = [];
  const role = (name, isDedicated, args) => roles.push(keep(name, isDedicated, args));
  for (const [i, channel] of channels.entries()) {
    const sends = () => [++streams, channel.sender];
    const receives = () => [channel.receiver];
    role(i % 2 ? "sendSync" : "send", i % 2 === 1, sends);
    role("send", false, sends);
    role(i % 2 ? "recv" : "recvSync", i % 2 === 0, receives);
    role(i % 2 ? "tryRecv" : "recv", false, receives);
  }
  role("nested", false, () => []);
  role("nested", true, () => []);
  role("native", true, () => []);

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
      if (exited.has(id)) out.bySuicide++;
      else way = rand() * 0.7;
    }
    if (way <= 0.35) {
      if (rt.kill(id, "chaos")) out.byKill++;
    } else if (way <= 0.7) {
      out.byTerminate++;
      void worker.terminate();
    }
    await within(gone, HUNG_MS);
    tally.slowestExitMs = Math.max(tally.slowestExitMs, performance.now() - struck);
    if (!exited.has(id)) {
      const there = [...live].filter(([task]) => Atomics.load(book.where, task) === id).map(([, { name }]) => name);
      say(
        "hung",
        `thread ${id} (${there.join(", ") || "idle"}) did not exit; way ${way.toFixed(2)}, longest stall of this loop ${Math.round(stall())} ms`,
      );
    }
    out.kills++;
    setTimeout(() => {
      for (const [task, { name }] of live) {
        if (Atomics.load(book.where, task) === id) say("late", `${name} on thread ${id} is unsettled ${SETTLE_MS} ms after the exit`);
      }
    }, SETTLE_MS).unref();
    return true;
  }

  const bad = () => out.held + out.torn + out.hung + out.late + out.miscoded > 0;
  const progress = () => book.i32[WORDS.RECEIVED] + book.i32[WORDS.JOINED];
  async function until(condition, limitMs) {
    const limit = performance.now() + limitMs;
    while (!condition() && performance.now() < limit) await sleep(2);
    return condition();
  }

  while (out.kills < kills && !bad()) {
    const before = progress();
    await sleep(rand() * 12);
    await until(() => progress() > before + 100, 60); // into the middle of traffic, unless a kill has just stopped all of it
    if (!(await killOne()) && !(await until(() => rt.threadIds.length > 0, HUNG_MS))) say("hung", "no thread is left and none is started");
    if (out.kills % 25 === 0) {
      await inspect();
      if (!(await until(() => rt.threadIds.length >= threads, HUNG_MS)))
        say("hung", `${rt.threadIds.length} threads are left and none is started`);
      const before = progress();
      if (!(await until(() => progress() > before, HUNG_MS))) say("hung", "no value arrives any more");
    }
  }

  stopping = true;
  Atomics.store(book.i32, WORDS.STOP, 1);
  const areSendersDone = () => [...live.values()].every(({ name }) => isReceiver(name));
  if (!(await until(areSendersDone, HUNG_MS))) say("hung", `still running after stop: ${[...live.values()].map(({ name }) => name)}`);
  areClosed = true;
  for (const channel of channels) channel.close();
  if (!(await until(() => live.size === 0, HUNG_MS)))
    say("hung", `still running after close: ${[...live.values()].map(({ name }) => name)}`);
  // What nobody was left to receive.
  const rest = receiptsOf(book);
  for (const channel of channels) for (let value = channel.tryRecv(); typeof value === "number"; value = channel.tryRecv()) rest(value);
  await within(Promise.all(roles), 2_000);
  await until(() => rt.heapUse().tasks === 0, 2_000);
  await inspect();
  const use = rt.heapUse();
  const left = { tasks: use.tasks, channels: use.channels - spare, blocks: use.blocks };
  const closing = await within(rt.close({ graceMs: 1_000 }), HUNG_MS);
  if (!closing) say("hung", "close() does not settle");
  process.off("worker", onWorker);
  await watchdog();

  const values = audit(book, streams + 1);
  const word = (name) => book.i32[WORDS[name]];
  const books_ = {
    sent: word("SENT"),
    twice: word("TWICE"),
    disorder: word("DISORDER"),
    phantom: word("PHANTOM"),
    wrong: word("WRONG"),
    joined: word("JOINED"),
    ...values,
  };
  const lost = Math.max(0, values.missing - receiversLost.count);
  const ok =
    !bad() &&
    lost === 0 &&
    books_.twice + books_.disorder + books_.phantom + books_.wrong === 0 &&
    left.tasks + left.channels + left.blocks === 0;
  return {
    ...out,
    lost,
    inHands: values.missing,
    receiversDead: receiversLost.count,
    ok,
    problems,
    values: books_,
    tasks: tally,
    heapLeft: left,
    deaths: closing?.deaths.length,
    stallMs: Math.round(stall()),
    seconds: Math.round((Date.now() - started) / 100) / 10,
  };
}

/** Marks what the test itself takes out of the channels at the end. */
function receiptsOf(book) {
  return (value) => {
    const stream = Math.floor(value / 2 ** 20);
    const index = stream * (book.received.length / STREAMS) + (value - stream * 2 ** 20) - 1;
    if (Atomics.add(book.received, index, 1) !== 0) Atomics.add(book.i32, WORDS.TWICE, 1);
  };
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { kills, seed, api } = options(process.argv.slice(2), { kills: 2_000, seed: 1, api: "dist/src/index.js" });
  const url = pathToFileURL(resolve(api)).href;
  const result = await runtimeKills(await import(url), url, { kills, seed });
  console.log(JSON.stringify(result));
  process.exitCode = result.ok ? 0 : 1;
}
