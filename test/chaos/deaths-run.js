// The chaos over leased queues (deaths.js says what it holds the runtime to): who is killed when and how, and what is left in the end.

import { setTimeout as sleep } from "node:timers/promises";
import { setEnvironmentData } from "node:worker_threads";
import { random } from "../support/kill-probe-load.js";
import { audit, BOOKS_BYTES, books, PER_STREAM, WORDS } from "./deaths-books.js";
import { DeathsCast } from "./deaths-cast.js";
import { within } from "./runtime-kills-watch.js";

/** Nothing may take this long, however busy the machine is: it hangs. */
const HUNG_MS = 40_000;
const HOW_EXHAUST = 6;

/** Deaths by their own hand: how often each of HOW in test/fixtures/deaths.js is asked for. Out of memory takes long. */
const HOW_SHARES = [0.25, 0.12, 0.18, 0.14, 0.12, 0.16, 0.03];

function drawn(shares, at) {
  let left = at;
  for (let i = 0; i < shares.length; i++) {
    left -= shares[i];
    if (left < 0) return i;
  }
  return 0;
}

/** `minutes`: it stops then, with as many deaths as there were. */
export async function dieUnderTraffic(api, apiUrl, { deaths, seed, minutes = 600 }) {
  const started = performance.now();
  const rand = random(seed);
  const buffer = new SharedArrayBuffer(BOOKS_BYTES);
  const book = { ...books(buffer), unsure: new Set(), perStream: PER_STREAM };
  setEnvironmentData("deaths", { buffer, api: apiUrl });
  const ways = { kill: 0, terminate: 0, starting: 0, itself: 0, outOfMemory: 0 };
  const problems = [];
  let hung = 0;
  const say = (text) => problems.length < 20 && problems.push(text);
  const hang = (text) => {
    hung++;
    say(`hung: ${text}`);
  };

  const workers = new Map();
  const doomed = new Set();
  let died = 0;
  const onWorker = (worker) => {
    const id = worker.threadId;
    workers.set(id, worker);
    worker.once("exit", () => {
      workers.delete(id);
      doomed.delete(id);
      died++;
    });
  };
  process.on("worker", onWorker);

  const rt = await api.Runtime.start({
    threads: 4,
    maxDedicated: 4,
    heapBytes: 64 << 20,
    resourceLimits: { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 16 },
  });
  const heapBefore = counts(rt.heapUse());
  const jobs = rt.module(new URL("../fixtures/deaths.js", import.meta.url));
  const cast = new DeathsCast({ rt, jobs, book, say });
  const endless = rt.leasedQueue(api.f64, { capacity: 4, attempts: Number.POSITIVE_INFINITY, leaseMs: 200 });
  const counted = rt.leasedQueue(api.structured(), { capacity: 16, attempts: 3 });
  const [one, two] = [rt.channel(api.f64, 0), rt.channel(api.f64, 2)];
  const mutex = rt.sync.mutex();
  const permits = rt.sync.semaphore(2);

  const buried = readLetters(counted.deadLetters, book, say);
  cast.role("produce", false, [endless, 0], 0);
  cast.role("produceSync", true, [endless, 2], 2);
  cast.role("produce", false, [counted, 1], 1);
  cast.role("produce", false, [counted, 3], 3);
  cast.role("consumeSync", true, [endless]);
  for (const queue of [endless, counted, counted]) cast.role("consume", false, [queue]);
  for (let i = 0; i < 2; i++) {
    cast.role("selects", false, [one, two]);
    cast.role("locks", false, [mutex, permits]);
  }

  const progress = () => Atomics.load(book.i32, WORDS.PROGRESS);
  async function until(condition, limitMs) {
    const limit = performance.now() + limitMs;
    while (!condition() && performance.now() < limit) await sleep(2);
    return condition();
  }

  async function killOne() {
    const ready = new Set(rt.threadIds);
    const isStarting = rand() < 0.08 && ready.size > 2; // too many in a row, and none is started for some seconds
    const choice = [...workers.keys()].filter((id) => !doomed.has(id) && ready.has(id) !== isStarting);
    if (choice.length === 0) return;
    const id = choice[Math.floor(rand() * choice.length)];
    const worker = workers.get(id);
    const gone = new Promise((done) => worker.once("exit", () => done(true)));
    doomed.add(id);
    const way = isStarting ? 0.5 : rand();
    if (way > 0.55) {
      const how = drawn(HOW_SHARES, rand());
      Atomics.store(book.i32, WORDS.HOW, how);
      Atomics.store(book.i32, WORDS.SUICIDE, id);
      if (await until(() => Atomics.load(book.i32, WORDS.SUICIDE) !== id, 40)) {
        if (await within(gone, how === HOW_EXHAUST ? 10_000 : 200)) return void ways[how === HOW_EXHAUST ? "outOfMemory" : "itself"]++;
      }
      Atomics.compareExchange(book.i32, WORDS.SUICIDE, id, 0);
    }
    if (isStarting) ways.starting++;
    if (way < 0.3 && rt.kill(id, "chaos")) ways.kill++;
    else {
      if (!isStarting) ways.terminate++;
      void worker.terminate();
    }
    if (!(await within(gone, HUNG_MS))) hang(`thread ${id} (${cast.on(id)}) does not exit`);
  }

  const end = started + minutes * 60_000;
  while (died < deaths && performance.now() < end && hung === 0) {
    const before = progress();
    await Promise.all([killOne(), sleep(rand() * 8)]);
    // Into the middle of traffic, unless a death has just stopped all of it; and never on while nobody gets anything done.
    if (!(await until(() => progress() > before + 10, HUNG_MS)))
      hang(`nothing goes on; alive: ${rt.threadIds}; ${[...cast.live.values()]}`);
  }

  Atomics.store(book.i32, WORDS.STOP, 1);
  const names = () => [...cast.live.values()];
  const isDone = (isIts) => () => !names().some(isIts);
  if (
    !(await until(
      isDone((name) => name.startsWith("produce")),
      HUNG_MS,
    ))
  )
    hang(`after the stop: ${names()}`);
  endless.close();
  counted.close();
  if (
    !(await until(
      isDone(() => true),
      HUNG_MS,
    ))
  )
    hang(`after the close: ${names()}, ${endless.queued} + ${endless.leased} jobs left`);
  const letters = await within(buried, HUNG_MS);
  if (letters === undefined) hang("the dead letters do not end");
  for (const shared of [one, two, mutex, permits]) shared[Symbol.dispose]();
  await until(() => same(counts(rt.heapUse()), heapBefore), 5_000);
  const heapLeft = counts(rt.heapUse());
  const report = await within(rt.close({ graceMs: 1_000 }), HUNG_MS);
  if (!report) hang("close() does not settle");
  process.off("worker", onWorker);

  const { accepted, acked, lost, ackedTwice, phantom, unsaid } = audit(book, cast.isOver);
  const word = (name) => book.i32[WORDS[name]];
  const findings = {
    lost,
    ackedTwice,
    hung,
    outOfOrder: word("DISORDER"),
    phantom: phantom + word("PHANTOM"),
    overlapped: word("OVERLAP"),
  };
  const inHand = cast.inHand.size;
  const heapBack = same(heapLeft, heapBefore);
  const hasPower = inHand >= Math.min(100, deaths / 20);
  if (!hasPower) say(`only ${inHand} threads died with a job in hand`);
  if (unsaid > died) say(`${unsaid} jobs were about to be acknowledged by somebody dead, and ${died} died`);
  return {
    probe: "deaths",
    version: process.version,
    seed,
    deaths: died,
    inHand,
    ...findings,
    heapBack,
    ok: hasPower && heapBack && unsaid <= died && Object.values(findings).every((count) => count === 0) && problems.length === 0,
    problems,
    ways,
    tasksDied: cast.died,
    tasksRefused: cast.refused,
    jobs: {
      accepted,
      acked,
      deadLetters: letters ?? -1,
      unsaid,
      unsure: book.unsure.size,
      redelivered: word("REDELIVERED"),
      lateAcks: word("LATE"),
      poisoned: word("POISONED"),
    },
    selected: word("SELECTED"),
    locksRecovered: word("RECOVERED"),
    heapLeft,
    seconds: Math.round((performance.now() - started) / 100) / 10,
  };
}

const counts = ({ jobs, leasedQueues, tasks, channels, blocks, syncs }) => ({ jobs, leasedQueues, tasks, channels, blocks, syncs });
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The supervising thread reads the dead letters, which is never killed: each is what became of its job. Answers how many there were. */
async function readLetters(queue, book, say) {
  let letters = 0;
  for await (const letter of queue) {
    const { job } = letter.value;
    const codes = letter.causes.map((cause) => cause?.code);
    if (codes.length !== 3 || codes.some((code) => code !== "ERR_THREAD_DIED")) say(`job ${job} was set aside for ${codes}`);
    Atomics.add(book.acks, job, 1);
    letter.ack();
    letters++;
  }
  return letters;
}
