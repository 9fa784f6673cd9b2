// Kills of a service's thread under traffic: plain calls, calls that may run twice, streams, callbacks; from outside at moments drawn from a seed, and by
// its own doing.
//
//   node test/chaos/service-kills.js [--kills 200] [--seed 1] [--api dist/src/index.js]
//
// Holds the runtime to: every call settles, once, with its own result or a code it may have; a call that may not run twice is begun once at most; one that
// may finishes; streams give a prefix of what they should and end or tell why; nothing is left in the heap. Prints one line of JSON, exits 1 otherwise.

import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const jobs = new URL("../fixtures/service-kills-jobs.js", import.meta.url);
const HANG_MS = 60_000;

/** A small generator of 32-bit random numbers. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

class Traffic {
  begun = new Map();
  problems = [];
  codes = {};
  done = { work: 0, safe: 0, values: 0, told: 0 };
  settled = 0;
  #made = 0;
  #safe = new Set();

  constructor(service, channel, random) {
    this.service = service;
    this.channel = channel;
    this.random = random;
  }

  /** Reads the marks of what was begun, as long as the channel is open. */
  async read() {
    for await (const n of this.channel.receiver) this.begun.set(n, (this.begun.get(n) ?? 0) + 1);
  }

  #fails(kind, error, allowed) {
    const code = error?.code ?? "none";
    this.codes[code] = (this.codes[code] ?? 0) + 1;
    if (!allowed.includes(code)) this.problems.push(`${kind}: ${code} ${error?.message}`);
  }

  /** One call of a kind drawn from the seed. */
  async one() {
    const n = ++this.#made;
    const turns = Math.floor(this.random() * 4);
    const draw = this.random();
    const { call } = this.service;
    const kind = draw < 0.45 ? "work" : draw < 0.8 ? "safe" : draw < 0.9 ? "values" : "told";
    if (kind === "safe") this.#safe.add(n);
    try {
      if (kind === "work" || kind === "safe") {
        const result = await call[kind](this.channel.sender, n, turns);
        if (result !== n * 3) this.problems.push(`${kind} ${n}: ${result}`);
      } else if (kind === "values") await this.#values(50);
      else {
        const sum = await call.told(async (i) => i, 10);
        if (sum !== 45) this.problems.push(`told ${n}: ${sum}`);
      }
      this.done[kind]++;
    } catch (error) {
      this.#fails(kind, error, kind === "safe" ? [] : ["ERR_THREAD_DIED"]);
    }
    this.settled++;
  }

  async #values(n) {
    let next = 0;
    for await (const value of this.service.call.values(n))
      if (value !== next++) this.problems.push(`values: ${value} in place of ${next - 1}`);
    if (next !== n) this.problems.push(`values: ended after ${next} of ${n}`);
  }

  /** Once nothing runs any more and every mark is read. */
  checkOnce() {
    for (const [n, times] of this.begun) if (times > 1 && !this.#safe.has(n)) this.problems.push(`work ${n} was begun ${times} times`);
  }
}

/** Answers what it counted; `problems` is empty if all held. */
export async function serviceKills(api, { kills = 200, seed = 1, width = 24 } = {}) {
  const random = generator(seed);
  const rt = await api.Runtime.start({ threads: 1 });
  const tree = rt.supervise({ restarts: Number.POSITIVE_INFINITY, backOff: { minMs: 0, maxMs: 0 } });
  const service = tree.service(jobs, { idempotent: ["safe"], attempts: Number.POSITIVE_INFINITY });
  const channel = rt.channel(api.f64, 256);
  const traffic = new Traffic(service, channel, random);
  const reading = traffic.read();
  let isOver = false;
  let killed = 0;
  let own = 0;
  let seen = 0;
  const lanes = Array.from({ length: width }, async () => {
    while (!isOver) await traffic.one();
  });
  const began = performance.now();
  let quietSince = began;
  while (killed + own < kills) {
    const until = traffic.settled + Math.floor(random() * 200); // a state, not a time: so many calls after the last kill
    while (traffic.settled < until) {
      await new Promise((next) => setImmediate(next));
      if (traffic.settled !== seen) {
        seen = traffic.settled;
        quietSince = performance.now();
      } else if (performance.now() - quietSince > HANG_MS) {
        traffic.problems.push(
          `nothing has settled for ${HANG_MS} ms: ${service.state}, ${service.waiting} waiting, ${JSON.stringify(rt.leftovers())}`,
        );
        kills = 0;
        break;
      }
    }
    if (random() < 0.2) {
      own++;
      await service.call.dies(own).catch(() => undefined);
    } else if (rt.kill(service.threadId ?? -1, "chaos")) killed++;
    else await new Promise((next) => setImmediate(next));
  }
  isOver = true;
  const hung = await Promise.race([Promise.all(lanes).then(() => 0), new Promise((late) => setTimeout(late, HANG_MS, 1).unref())]);
  if (hung) traffic.problems.push(`calls hang: ${service.state}, ${service.waiting} waiting, ${JSON.stringify(rt.leftovers())}`);
  await tree.stop();
  channel.close();
  await reading;
  traffic.checkOnce();
  const report = await rt.close();
  const { tasks, blocks, channels } = { ...report.heap, channels: report.leftovers.channels.length };
  return {
    probe: "service-kills",
    node: process.version,
    seed,
    kills: killed,
    own,
    calls: traffic.settled,
    done: traffic.done,
    codes: traffic.codes,
    heapLeft: { tasks, blocks, channels },
    ms: Math.round(performance.now() - began),
    problems: traffic.problems.slice(0, 20),
  };
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { kills: { type: "string" }, seed: { type: "string" }, api: { type: "string", default: "dist/src/index.js" } },
  });
  const api = await import(pathToFileURL(resolve(values.api)).href);
  const result = await serviceKills(api, { kills: Number(values.kills ?? 200), seed: Number(values.seed ?? 1) });
  console.log(JSON.stringify(result));
  const { tasks, blocks, channels } = result.heapLeft;
  if (result.problems.length > 0 || tasks + blocks + channels > 0) process.exitCode = 1;
}
