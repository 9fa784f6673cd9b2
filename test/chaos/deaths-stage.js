// The stage of the chaos over leased queues (deaths.js draws who acts on it): set up, struck by deaths of every kind, struck again, and cleared with the books
// audited and the heap compared.

import { setTimeout as sleep } from "node:timers/promises";
import { setEnvironmentData } from "node:worker_threads";
import { random } from "../support/kill-probe-load.js";
import { audit, BOOKS_BYTES, books, PER_STREAM, WORDS } from "./deaths-books.js";
import { DeathsCast } from "./deaths-cast.js";
import { within } from "./runtime-kills-watch.js";

/** Nothing may take this long, however busy the machine is: it hangs. */
export const HUNG_MS = 40_000;
const HOW_EXHAUST = 6;
/** Deaths by their own hand: how often each of HOW in test/fixtures/deaths.js is asked for. Out of memory takes long. */
const HOW_SHARES = [0.25, 0.12, 0.18, 0.14, 0.12, 0.16, 0.03];

export async function until(condition, limitMs) {
  const limit = performance.now() + limitMs;
  while (!condition() && performance.now() < limit) await sleep(2);
  return condition();
}

function drawn(shares, at) {
  let left = at;
  for (let i = 0; i < shares.length; i++) {
    left -= shares[i];
    if (left < 0) return i;
  }
  return 0;
}

export class Stage {
  #book;
  #cast;
  #queues;
  #shared;
  #letters;
  #heapBefore;
  #workers = new Map();
  #doomed = new Set();
  #onWorker;
  rt;
  rand;
  died = 0;
  hung = 0;
  problems = [];
  ways = { kill: 0, terminate: 0, starting: 0, itself: 0, outOfMemory: 0 };

  static async open(api, apiUrl, seed) {
    const stage = new Stage();
    const buffer = new SharedArrayBuffer(BOOKS_BYTES);
    setEnvironmentData("deaths", { buffer, api: apiUrl });
    stage.rand = random(seed);
    stage.#book = { ...books(buffer), unsure: new Set(), perStream: PER_STREAM };
    stage.#onWorker = (worker) => stage.#watch(worker);
    process.on("worker", stage.#onWorker);
    stage.rt = await api.Runtime.start({
      threads: 4,
      maxDedicated: 4,
      heapBytes: 64 << 20,
      resourceLimits: { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 16 },
    });
    stage.#play(api);
    return stage;
  }

  #play(api) {
    const { rt } = this;
    this.#heapBefore = counts(rt.heapUse());
    const jobs = rt.module(new URL("../fixtures/deaths.js", import.meta.url));
    const cast = new DeathsCast({ rt, jobs, book: this.#book, say: (text) => this.say(text) });
    this.#cast = cast;
    const endless = rt.leasedQueue(api.f64, { capacity: 4, attempts: Number.POSITIVE_INFINITY, leaseMs: 200 });
    const counted = rt.leasedQueue(api.structured(), { capacity: 16, attempts: 3 });
    const [one, two] = [rt.channel(api.f64, 0), rt.channel(api.f64, 2)];
    const [mutex, permits] = [rt.sync.mutex(), rt.sync.semaphore(2)];
    this.#queues = [endless, counted];
    this.#shared = [one, two, mutex, permits];
    this.#letters = this.#readLetters(counted.deadLetters);
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
  }

  #watch(worker) {
    const id = worker.threadId;
    this.#workers.set(id, worker);
    worker.once("exit", () => {
      this.#workers.delete(id);
      this.#doomed.delete(id);
      this.died++;
    });
  }

  say(text) {
    if (this.problems.length < 20) this.problems.push(text);
  }
  hang(text) {
    this.hung++;
    this.say(`hung: ${text}`);
  }
  get progress() {
    return Atomics.load(this.#book.i32, WORDS.PROGRESS);
  }
  get actors() {
    return [...this.#cast.live.values()];
  }
  /** Threads that died with a job in hand. */
  get inHand() {
    return this.#cast.inHand.size;
  }

  /** The supervising thread reads the dead letters, which is never killed: each is what became of its job. Answers how many there were. */
  async #readLetters(queue) {
    let letters = 0;
    for await (const letter of queue) {
      const { job } = letter.value;
      const codes = letter.causes.map((cause) => cause?.code);
      if (codes.length !== 3 || codes.some((code) => code !== "ERR_THREAD_DIED")) this.say(`job ${job} was set aside for ${codes}`);
      Atomics.add(this.#book.acks, job, 1);
      letter.ack();
      letters++;
    }
    return letters;
  }

  /** One death, of a thread and in a way drawn at random; over when the thread has exited. */
  async strike() {
    const { rt, rand } = this;
    const { i32 } = this.#book;
    const ready = new Set(rt.threadIds);
    const isStarting = rand() < 0.08 && ready.size > 2; // too many in a row, and none is started for some seconds
    const choice = [...this.#workers.keys()].filter((id) => !this.#doomed.has(id) && ready.has(id) !== isStarting);
    if (choice.length === 0) return;
    const id = choice[Math.floor(rand() * choice.length)];
    const worker = this.#workers.get(id);
    const gone = new Promise((done) => worker.once("exit", () => done(true)));
    this.#doomed.add(id);
    const way = isStarting ? 0.5 : rand();
    if (way > 0.55) {
      const how = drawn(HOW_SHARES, rand());
      Atomics.store(i32, WORDS.HOW, how);
      Atomics.store(i32, WORDS.SUICIDE, id);
      if (await until(() => Atomics.load(i32, WORDS.SUICIDE) !== id, 40)) {
        if (await within(gone, how === HOW_EXHAUST ? 10_000 : 200)) return void this.ways[how === HOW_EXHAUST ? "outOfMemory" : "itself"]++;
      }
      Atomics.compareExchange(i32, WORDS.SUICIDE, id, 0);
    }
    if (isStarting) this.ways.starting++;
    if (way < 0.3 && rt.kill(id, "chaos")) this.ways.kill++;
    else {
      if (!isStarting) this.ways.terminate++;
      void worker.terminate();
    }
    if (!(await within(gone, HUNG_MS))) this.hang(`thread ${id} (${this.#cast.on(id)}) does not exit`);
  }

  /** Stops the producers, lets the queues drain, closes everything, and answers what was found. */
  async clear() {
    const { rt } = this;
    const book = this.#book;
    const [endless, counted] = this.#queues;
    Atomics.store(book.i32, WORDS.STOP, 1);
    if (!(await until(() => !this.actors.some((name) => name.startsWith("produce")), HUNG_MS))) this.hang(`after the stop: ${this.actors}`);
    endless.close();
    counted.close();
    if (!(await until(() => this.actors.length === 0, HUNG_MS)))
      this.hang(`after the close: ${this.actors}, ${endless.queued} + ${endless.leased} jobs left`);
    const letters = await within(this.#letters, HUNG_MS);
    if (letters === undefined) this.hang("the dead letters do not end");
    for (const shared of this.#shared) shared[Symbol.dispose]();
    await until(() => same(counts(rt.heapUse()), this.#heapBefore), 5_000);
    const heapLeft = counts(rt.heapUse());
    if (!(await within(rt.close({ graceMs: 1_000 }), HUNG_MS))) this.hang("close() does not settle");
    process.off("worker", this.#onWorker);

    const { accepted, acked, lost, ackedTwice, phantom, unsaid } = audit(book, this.#cast.isOver);
    const word = (name) => book.i32[WORDS[name]];
    if (unsaid > this.died) this.say(`${unsaid} jobs were about to be acknowledged by somebody dead, and ${this.died} died`);
    const findings = {
      lost,
      ackedTwice,
      hung: this.hung,
      outOfOrder: word("DISORDER"),
      phantom: phantom + word("PHANTOM"),
      overlapped: word("OVERLAP"),
    };
    const heapBack = same(heapLeft, this.#heapBefore);
    return {
      ...findings,
      heapBack,
      isClean: heapBack && this.problems.length === 0 && Object.values(findings).every((count) => count === 0),
      heapLeft,
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
      tasksDied: this.#cast.died,
      tasksRefused: this.#cast.refused,
    };
  }
}

const counts = ({ jobs, leasedQueues, tasks, channels, blocks, syncs }) => ({ jobs, leasedQueues, tasks, channels, blocks, syncs });
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
