// Kill probe: threads hammer the real transitions on one heap, and one after the other is terminated at a random moment. After every kill the slot is
// fenced and swept by the book, everybody pauses, and the whole heap is walked: no lock may be held, no structure torn. Then a fresh thread starts.
//
//   node test/chaos/kill-probe.js [--kills 2000] [--seed 1] [--threads 4] [--control 300]
//
// Prints one line of JSON and exits 1 on any held lock, torn structure, stuck thread or lost byte, and when the control (the same kind of section with a
// loop inside) was never seen torn: then the kills had no power. Plain JavaScript: it runs on every Node that Heddle supports, without a build.

import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { BOARD, BOARD_BYTES, board, CALLS } from "../support/kill-probe-board.js";
import { heldLocks, tornStructures, usedBytes } from "../support/kill-probe-check.js";
import { runControl } from "../support/kill-probe-control.js";
import { addresses, options, random, readLayout, readTransitions, uniqueModule } from "../support/kill-probe-load.js";
import { LockHeldError, supervisor } from "../support/kill-probe-sweep.js";
import { CELL_BYTES } from "../support/kill-probe-values.js";

const TABLE = 6;
const CAPACITIES = [0, 0, 1, 2, 7, 64];
const WIDE_CAPACITIES = [0, 1, 7];

export async function killProbe({ kills, seed, threads, control }) {
  const started = Date.now();
  const rand = random(seed);
  const L = readLayout();
  const at = addresses(L);
  const bytes = readTransitions();
  const pages = (64 * 1024 * 1024) / 65_536;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const u32 = new Uint32Array(memory.buffer);
  u32[L.HEAP_CEILING_AT >> 2] = memory.buffer.byteLength;
  u32[L.HEAP_RUNTIME_ID_AT >> 2] = 1;
  u32[L.HEAP_SUPERVISOR_AT >> 2] = L.SLOTS_AT;
  u32[(L.BUMP_AT + L.BUMP_NEXT) >> 2] = L.RECORDS_AT;
  u32[L.HEAP_MAGIC_AT >> 2] = L.HEAP_MAGIC;
  u32[(L.QUEUE_DEDICATED_AT + L.QUEUE_LIMIT) >> 2] = 200;
  const shared = new WebAssembly.Module(bytes); // compiled once for all threads but the cold ones
  const boss = supervisor(L, memory, new WebAssembly.Instance(shared, { env: { memory } }).exports);
  const atStart = usedBytes(L, memory);
  const make = (codec, stride) => (capacity) => {
    if (boss.call("chanMake", boss.self, boss.epoch, capacity, codec, stride) !== L.OK) throw new Error("no channel");
    return u32[(boss.self + L.SLOT_RESULT) >> 2];
  };
  const fixed = CAPACITIES.map(make(0, 8));
  const cells = WIDE_CAPACITIES.map(make(L.CODEC_CELLS, CELL_BYTES));
  const blockChannels = WIDE_CAPACITIES.map(make(L.CODEC_BLOCKS, 8));
  const controlMemory = new SharedArrayBuffer(BOARD_BYTES);
  const handles = new SharedArrayBuffer(TABLE * 8);
  const view = board(controlMemory);
  const result = {
    probe: "kill-probe",
    version: process.version,
    seed,
    kills: 0,
    held: 0,
    torn: 0,
    stuck: 0,
    cold: 0,
    hot: 0,
    fencedFirst: 0,
    problems: [],
  };
  const free = Array.from({ length: L.SLOT_COUNT - 1 }, (_, i) => i + 1);
  let crew = [];
  let lives = 0;

  function report(kind, lines) {
    result[kind] += lines.length;
    for (const line of lines) if (result.problems.length < 20) result.problems.push(`after kill ${result.kills}: ${line}`);
  }

  function start() {
    const index = free.shift();
    const epoch = boss.open(index);
    const cold = rand() < 0.35;
    const line = BOARD.WORKERS + index * BOARD.PER_WORKER;
    view.i32.fill(0, line, line + BOARD.PER_WORKER);
    view.i32[BOARD.LIVES] = ++lives;
    const worker = new Worker(new URL("../support/kill-probe-worker.js", import.meta.url), {
      workerData: {
        ...{ memory, control: controlMemory, index, epoch, life: lives, seed: seed * 100_003 + lives, tableSize: TABLE, handles },
        ...{ fixed, cells, blockChannels },
        ...(cold ? { bytes: uniqueModule(bytes, lives) } : { module: shared }),
      },
    });
    const member = { index, worker, cold, line, since: 0, dead: false };
    worker.on("message", (text) => report(text.includes("torn:") ? "torn" : "stuck", [text]));
    worker.on("error", () => {});
    worker.on("exit", () => {
      member.dead = true;
    });
    crew.push(member);
  }

  const loops = (member) => Atomics.load(view.i32, member.line);

  /** Lets every thread come to the top of its loop, where it is in no transition, and looks at everything. */
  async function inspect() {
    const round = Atomics.add(view.i32, BOARD.PAUSE, 1) + 1;
    const deadline = Date.now() + 10_000;
    const isIn = (member) => member.dead || Atomics.load(view.i32, member.line + 1) === round;
    while (!crew.every(isIn)) {
      if (Date.now() > deadline) {
        report("stuck", [`threads that never came to a pause: ${crew.filter((member) => !isIn(member)).map((member) => member.index)}`]);
        break;
      }
      await sleep(0);
    }
    report("held", heldLocks(L, memory));
    report("torn", tornStructures(L, memory));
    Atomics.add(view.i32, BOARD.PAUSE, 1);
    Atomics.notify(view.i32, BOARD.PAUSE);
  }

  /** Waits until the thread is in full swing: a cold one is struck in its first loops, any other once its code had the time to be optimised. */
  async function ripe(member) {
    const before = loops(member);
    const needed = member.cold ? 1 : 150;
    while (!member.dead && loops(member) < before + needed) await sleep(0);
    const until = performance.now() + rand() * (member.cold ? 1 : 3);
    while (performance.now() < until);
  }

  async function kill(member) {
    await ripe(member);
    const slot = at.slot(member.index);
    const fencedFirst = rand() < 0.5; // a kill from outside is fenced first; a death of its own making is seen at the exit only
    if (fencedFirst) {
      result.fencedFirst++;
      boss.call("fence", slot);
      const gone = member.worker.terminate();
      boss.sweepShared(slot);
      await gone;
    } else {
      await member.worker.terminate();
      boss.call("fence", slot);
    }
    boss.sweepShared(slot);
    boss.sweepOwn(slot);
    boss.release(slot);
    crew = crew.filter((other) => other !== member);
    free.push(member.index);
    result.kills++;
    result[member.cold ? "cold" : "hot"]++;
  }

  const bad = () => result.held + result.torn + result.stuck > 0;
  try {
    for (let i = 0; i < threads; i++) start();
    while (result.kills < kills && !bad()) {
      await kill(crew[0].cold ? crew[0] : crew[Math.floor(rand() * Math.max(1, crew.length - 1))]);
      start();
      await inspect();
    }
    for (const member of crew.splice(0)) {
      const gone = once(member.worker, "exit");
      boss.call("fence", at.slot(member.index));
      void member.worker.terminate();
      await gone;
      boss.sweepShared(at.slot(member.index));
      boss.sweepOwn(at.slot(member.index));
      boss.release(at.slot(member.index));
    }
    boss.releaseAll();
    report("held", heldLocks(L, memory));
    report("torn", tornStructures(L, memory));
  } catch (error) {
    report(error instanceof LockHeldError ? "held" : "stuck", [String(error.stack)]);
    for (const member of crew) await member.worker.terminate();
  }
  const atEnd = usedBytes(L, memory);
  const controls =
    control > 0
      ? [await runControl({ kills: control, seed, withLoop: true }), await runControl({ kills: control, seed, withLoop: false })]
      : [];
  // Power: the control tears, and a long run has found operations of every kind half done.
  const halfDone = kills < 1_000 || Object.values(boss.swept).every((count) => count > 0);
  const power = halfDone && (controls.length === 0 || controls[0].held + controls[0].torn > 0);
  const innocent = controls.length === 0 || controls[1].held + controls[1].torn === 0;
  return {
    ...result,
    ok: !bad() && atEnd === atStart && power && innocent && result.kills >= kills,
    swept: boss.swept,
    calls: Object.fromEntries(CALLS.map((name, i) => [name, view.calls[i]])),
    heap: { atStart, atEnd, touched: u32[(L.BUMP_AT + L.BUMP_NEXT) >> 2] - L.RECORDS_AT },
    control: controls[0],
    counterControl: controls[1],
    seconds: Math.round((Date.now() - started) / 100) / 10,
  };
}

if (process.argv[1]?.endsWith("kill-probe.js")) {
  const result = await killProbe(options(process.argv.slice(2), { kills: 2_000, seed: 1, threads: 4, control: 300 }));
  console.log(JSON.stringify(result));
  process.exitCode = result.ok ? 0 : 1;
}
