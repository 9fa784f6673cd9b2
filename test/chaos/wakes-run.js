// What wakes.js runs.

import { setMaxListeners } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { setEnvironmentData } from "node:worker_threads";
import { random, readLayout } from "../support/kill-probe-load.js";
import { within } from "./runtime-kills-watch.js";

const HUNG_MS = 40_000;
const [STOP, WOKEN, AT_ONCE] = [0, 1, 2];
const TASKS = [...Array(4).fill("blocks"), ...Array(4).fill("awaits")];

/** Kills the one that has waited longest, `kills` times, while a permit goes round until `waits` waits have been ended. */
export async function wakes(api, { waits, kills, seed }) {
  const started = performance.now();
  const rand = random(seed);
  const buffer = new SharedArrayBuffer(64);
  const words = new Int32Array(buffer);
  setEnvironmentData("wakes", { buffer });
  const L = readLayout();
  const rt = await api.Runtime.start({ threads: 2, maxDedicated: 8, heapBytes: 32 << 20 });
  const jobs = rt.module(new URL("../fixtures/wakes.js", import.meta.url));
  const permit = rt.sync.semaphore(1);
  const { thread, address } = permit.place;
  const problems = [];
  let lost = 0;
  let isOver = false;

  const woken = () => Atomics.load(words, WOKEN);
  async function keep(name) {
    const launcher = name === "blocks" ? rt.with({ dedicated: true }) : rt;
    while (!isOver) {
      const end = await launcher.go(jobs[name], permit).catch((error) => error.code);
      if (end === "ERR_THREAD_START") await sleep(100);
      else if (end !== undefined && end !== "ERR_THREAD_DIED") return void problems.push(`${name}: ${end}`);
    }
  }
  /** Node's id of the thread that waits in front, seen without a lock: it may have been served by the time it is killed. */
  function front() {
    const { u32, i32 } = thread.heap;
    const node = u32[(address + L.SYNC_HEAD) >> 2];
    const op = node === 0 ? 0 : u32[(node + L.NODE_OP) >> 2];
    const slot = op === 0 ? 0 : u32[(op + L.OP_SLOT) >> 2];
    return slot === 0 ? 0 : i32[(slot + L.SLOT_THREAD) >> 2];
  }
  async function goesOn(by) {
    const from = woken() + words[AT_ONCE];
    const limit = performance.now() + HUNG_MS;
    while (woken() + words[AT_ONCE] < from + by) {
      if (performance.now() > limit) {
        lost++;
        problems.push(`nobody gets on: ${permit.available} permits are free, thread ${front()} waits in front`);
        return false;
      }
      await sleep(1);
    }
    return true;
  }

  const keeping = TASKS.map(keep);
  let killed = 0;
  while ((killed < kills || woken() < waits) && lost === 0) {
    if (!(await goesOn(20))) break;
    if (killed >= kills) continue;
    await sleep(rand() * 4);
    for (let tries = 0; tries < 1_000; tries++) {
      const id = front();
      if (id > 0 && rt.kill(id, "it waits in front")) {
        killed++;
        break;
      }
      if (tries % 100 === 99) await sleep(0);
    }
  }
  isOver = true;
  Atomics.store(words, STOP, 1);
  if (
    !(await within(
      Promise.all(keeping).then(() => true),
      HUNG_MS,
    ))
  )
    problems.push("tasks do not end");
  permit.close();
  const { heap } = await rt.close({ graceMs: 1_000 });
  const seconds = (performance.now() - started) / 1_000;
  return {
    waits: woken(),
    atOnce: words[AT_ONCE],
    frontKilled: killed,
    lost,
    ok: lost === 0 && problems.length === 0 && heap.syncs === 0,
    problems,
    seconds: Math.round(seconds * 10) / 10,
  };
}

/**
 * So many receives that wait with a timeout, made some hundreds a turn, and as many a turn cancelled: half by a value, half by a signal of their own. Then a
 * tenth of them once more, all under one signal, which ends them in one turn. Answers what is left and how long the event loop stood still.
 */
export async function timeouts(api, count) {
  const IN_A_TURN = 200;
  const rt = await api.Runtime.start({ threads: 0, heapBytes: 256 << 20 });
  const [values, never] = [rt.channel(api.f64, 0), rt.channel(api.f64, 0)];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const stallMs = {};
  const turnMs = {};
  const ends = {};
  const settled = [];
  const wait = (channel, signal) => {
    const end = channel.recv({ timeoutMs: 600_000 + settled.length, signal });
    settled.push(
      end.then(
        () => "a value",
        (error) => error.code,
      ),
    );
  };
  /** Does `work` for 0 … n − 1, some hundreds a turn. */
  async function measured(name, n, work) {
    await sleep(20);
    delay.reset();
    let most = 0;
    let before = process.cpuUsage();
    for (let i = 0; i < n; i++) {
      work(i);
      if (i % IN_A_TURN !== IN_A_TURN - 1) continue;
      await new Promise((resolve) => setImmediate(resolve));
      const { user, system } = process.cpuUsage(before);
      before = process.cpuUsage();
      most = Math.max(most, user + system);
    }
    await sleep(20);
    stallMs[name] = Math.round(delay.max / 1e6);
    turnMs[name] = Math.round(most / 100) / 10;
  }

  const aborts = Array.from({ length: count / 2 }, () => new AbortController());
  await measured("making", count, (i) => (i % 2 === 0 ? wait(values) : wait(never, aborts[(i - 1) / 2].signal)));
  const pending = rt.leftovers().timers;
  await measured("cancelling", count / 2, (i) => {
    if (!values.trySend(i)) throw new Error("nobody waits");
    aborts[i].abort();
  });
  const shared = new AbortController();
  setMaxListeners(0, shared.signal);
  await measured("making again", count / 10, () => wait(never, shared.signal));
  const [started, before] = [performance.now(), process.cpuUsage()];
  shared.abort();
  const { user, system } = process.cpuUsage(before);
  stallMs["one signal for a tenth"] = Math.round(performance.now() - started);
  turnMs["one signal for a tenth"] = Math.round((user + system) / 100) / 10;
  for (const end of await Promise.all(settled)) ends[end] = (ends[end] ?? 0) + 1;
  delay.disable();
  for (const channel of [values, never]) channel.close();
  const left = rt.leftovers();
  await rt.close();
  return { made: count, pending, ends, left: left.timers + left.waiters.length + left.channels.length, stallMs, turnMs };
}
