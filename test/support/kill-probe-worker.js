// One thread of the kill probe: hammers a seeded mix of the real transitions on the shared heap until it is killed. It never waits for anything but a
// pause asked for by the parent, so a kill always lands in the middle of work. Once fenced it goes on hammering: late calls must change nothing.
//
// Board (Int32, separate memory): PAUSE (odd: stop at the top of the loop; each pause has its own number) · LIVES · then one line a worker: loops, the pause it stands in.

import { parentPort, workerData } from "node:worker_threads";
import { BOARD, board, CALLS } from "./kill-probe-board.js";
import { addresses, random, readLayout } from "./kill-probe-load.js";
import { valueWork } from "./kill-probe-values.js";

const L = readLayout();
const { memory, control, index, epoch, life, seed, fixed, cells, blockChannels, tableSize, handles } = workerData;
const slot = addresses(L).slot(index);
const i32 = new Int32Array(memory.buffer);
const u32 = new Uint32Array(memory.buffer);
const f64 = new Float64Array(memory.buffer);
const u8 = new Uint8Array(memory.buffer);
const view = board(control);
const table = new BigInt64Array(handles); // shared handles of channels that come and go: generation << 32 | address
const module = workerData.module ?? new WebAssembly.Module(workerData.bytes);
const fn = new WebAssembly.Instance(module, { env: { memory } }).exports;
const rand = random(seed);
const pick = (n) => Math.floor(rand() * n);

const blocks = [];
const started = [];
const newest = [...fixed, ...cells, ...blockChannels].map(() => new Map()); // per fixed channel: sender's life → last number seen
let sent = 0;
let chunks = 0;
const ops = [];
const finished = new Set(); // fired operations taken from the ready list and not yet looked at
const lingering = [];
const scratch = new Float64Array(16);

/** Counts a call and repeats it while BUSY. A lock that stays busy for seconds is what the probe looks for. */
function call(name, ...args) {
  view.calls[CALLS.indexOf(name)]++;
  const f = fn[name];
  let status = f(...args);
  if (status !== L.BUSY) return status;
  const start = Date.now();
  for (let tries = 0; status === L.BUSY; tries++) {
    if ((tries & 1023) === 1023 && Date.now() - start > 4_000) throw new Error(`stuck: ${name} stays BUSY`);
    status = f(...args);
  }
  return status;
}

/** Stays between two calls for a while now and then, so that kills find operations half done. */
function dawdle() {
  if (pick(3)) return;
  for (let i = pick(4_000); i > 0; i--) scratch[i & 15] += i;
}

const answer = () => u32[(slot + L.SLOT_RESULT) >> 2];
const answerGen = () => u32[(slot + L.SLOT_RESULT_GEN) >> 2];
const value = () => life * 2 ** 32 + ++sent;

/** A channel delivers one sender's numbers in order, each once, and nothing nobody sent. */
function seen(which, number) {
  if (which < 0) return;
  const from = Math.floor(number / 2 ** 32);
  const last = newest[which].get(from) ?? 0;
  const n = number - from * 2 ** 32;
  if (!(from >= 1 && from <= view.i32[BOARD.LIVES] && n > last))
    throw new Error(`torn: channel ${which} delivered ${from}:${n} after ${from}:${last}`);
  newest[which].set(from, n);
}

/** A fixed channel, or one that others make, close and free meanwhile. */
function channel() {
  const which = pick(fixed.length * 2);
  if (which < fixed.length) return { which, at: fixed[which], gen: 0 };
  const handle = Atomics.load(table, pick(tableSize));
  if (handle === 0n) return { which: 0, at: fixed[0], gen: 0 };
  return { which: -1, at: Number(handle & 0xffffffffn), gen: Number(handle >> 32n) };
}

function moreOps() {
  if (call("opChunk", slot, epoch) !== L.OK) return;
  const chunk = answer();
  for (let i = 0; i < L.OPS_PER_CHUNK; i++) {
    const op = chunk + L.LINE + i * L.OP_SIZE;
    u32[(op + L.READY_RECORD) >> 2] = L.RECORD_OP;
    u32[(op + L.OP_SLOT) >> 2] = slot;
    i32[(op + L.OP_EPOCH) >> 2] = epoch;
    ops.push(op);
  }
}

/** Takes the ready list; a finished task of ours is collected, its result freed. */
function drain() {
  let record = Atomics.exchange(u32, (slot + L.SLOT_READY) >> 2, 0);
  if (record !== 0) dawdle();
  while (record !== 0) {
    const isOp = u32[(record + L.READY_RECORD) >> 2] === L.RECORD_OP;
    while (
      isOp
        ? Atomics.load(i32, (record + L.READY_STATE) >> 2) < L.OP_FIRED
        : Atomics.load(i32, (record + L.READY_STATE) >> 2) !== L.TASK_DONE
    );
    const next = u32[(record + L.READY_NEXT) >> 2];
    if (isOp) finished.add(record);
    else if (call("taskCollect", slot, epoch, record) === L.OK && answer()) call("blockFree", slot, epoch, answer());
    record = next;
  }
}

/** A select of one or two cases: links, looks for a while, takes itself back. The second node is the next operation's. */
function wait() {
  const used = [ops.pop(), ops.pop()];
  const [op] = used;
  const cases = pick(2) ? [channel()] : [channel(), channel()];
  const nodes = cases.map((target, i) => {
    const node = used[i] + L.OP_NODE;
    const direction = pick(2);
    if (i === 1 && target.at === cases[0].at)
      target = cases[1] = { which: target.which, at: fixed[(fixed.indexOf(target.at) + 1) % fixed.length], gen: 0 };
    if (i === 1) target.which = fixed.indexOf(target.at);
    u32[(node + L.NODE_OP) >> 2] = op;
    u32[(node + L.NODE_KIND) >> 2] = (i << 1) | direction;
    f64[(node + L.NODE_VALUE) >> 3] = direction === L.SENDING ? value() : 0;
    return { node, direction, target };
  });
  Atomics.store(i32, (op + L.OP_STATE) >> 2, L.OP_IDLE);
  const mode = pick(8) ? L.LINK : 0; // now and then: only try
  let linked = 0;
  let done = -1;
  let status = L.OK;
  for (let i = 0; i < nodes.length && done < 0; i++) {
    const { node, target } = nodes[i];
    do status = call("chanOp", target.at, target.gen, slot, epoch, node, mode | (linked ? L.VISIBLE : 0));
    while (status === L.AGAIN);
    if (status === L.PARKED) linked++;
    else if (status === L.OK || status === L.CLOSED) done = i;
    else if (status === L.FIRED || status === L.FENCED) break;
  }
  if (linked && done < 0 && status !== L.FENCED) {
    for (let looks = pick(150); looks > 0 && !finished.has(op); looks--) {
      drain();
      if (looks % 8 === 0) Atomics.store(i32, (slot + L.SLOT_PARK) >> 2, 1 + pick(2)); // as if asleep: wakers notify
    }
    if (!finished.has(op) && call("cancel", op) === L.FIRED) while (!finished.has(op)) drain();
    if (finished.has(op)) {
      const state = Atomics.load(i32, (op + L.OP_STATE) >> 2) - L.OP_FIRED;
      if (!(state & 1)) done = state >> 2;
    }
    status = L.OK;
    finished.delete(op);
  }
  for (const { node } of nodes) {
    const at = u32[(node + L.NODE_CHANNEL) >> 2];
    if (at && call("unlink", at, slot, epoch, node) === L.FENCED) return; // its nodes are the sweep's now: the operation is not used again
  }
  if (status === L.OK && done >= 0 && nodes[done].direction === L.RECEIVING) seen(nodes[done].target.which, f64[(op + L.OP_VALUE) >> 3]);
  ops.push(...used);
}

/** Leaves an operation linked while the thread goes on with other things: on channels that come and go, whose closers then have many to wake. */
function linger() {
  const { which, at, gen } = channel();
  if (which < 0) {
    const op = ops.pop();
    const node = op + L.OP_NODE;
    u32[(node + L.NODE_OP) >> 2] = op;
    u32[(node + L.NODE_KIND) >> 2] = pick(8) ? L.RECEIVING : L.SENDING;
    f64[(node + L.NODE_VALUE) >> 3] = value();
    Atomics.store(i32, (op + L.OP_STATE) >> 2, L.OP_IDLE);
    let status = L.AGAIN;
    while (status === L.AGAIN) status = call("chanOp", at, gen, slot, epoch, node, L.LINK);
    if (status === L.PARKED) lingering.push(op);
    else ops.push(op);
  }
  if (lingering.length > 10) {
    const op = lingering.shift();
    if (call("cancel", op) === L.FIRED) while (!finished.has(op)) drain();
    finished.delete(op);
    const from = u32[(op + L.OP_NODE + L.NODE_CHANNEL) >> 2];
    if (from === 0 || call("unlink", from, slot, epoch, op + L.OP_NODE) === L.OK) ops.push(op);
  }
}

const work = [
  function send() {
    for (let i = pick(12); i >= 0; i--) {
      const { at, gen } = channel();
      call("trySend", at, gen, slot, epoch, value());
    }
  },
  function recv() {
    for (let i = pick(12); i >= 0; i--) {
      const { which, at, gen } = channel();
      if (call("tryRecv", at, gen, slot, epoch) === L.OK) seen(which, f64[(slot + L.SLOT_VALUE) >> 3]);
    }
  },
  wait,
  wait,
  linger,
  linger,
  function make() {
    const entry = pick(tableSize);
    if (Atomics.load(table, entry) === 0n && call("chanMake", slot, epoch, pick(40), 0, 8) === L.OK) {
      const handle = (BigInt(answerGen()) << 32n) | BigInt(answer());
      if (Atomics.compareExchange(table, entry, 0n, handle) !== 0n) return close(handle);
    }
    if (pick(3) === 0) close(Atomics.exchange(table, pick(tableSize), 0n));
  },
  function block() {
    if (blocks.length < 12 && call("blockAlloc", slot, epoch, 1 + pick(pick(20) ? 2_000 : 100_000)) === L.OK) blocks.push(answer());
    const some = blocks[pick(blocks.length)];
    if (some) u8.copyWithin(some + L.BLOCK_HEADER, some + L.BLOCK_HEADER + 4, some + 24);
    if (blocks.length > 4) call("blockFree", slot, epoch, blocks.splice(pick(blocks.length), 1)[0]);
  },
  function go() {
    const dedicated = pick(3) === 0;
    if (dedicated && pick(2)) call("taskReserve", slot, epoch, L.QUEUE_DEDICATED_AT, 1 + pick(2)); // without one taskGo refuses
    if (call("blockAlloc", slot, epoch, 16 + pick(200)) !== L.OK) return;
    const payload = answer();
    if (call("taskGo", slot, epoch, dedicated ? L.QUEUE_DEDICATED_AT : L.QUEUE_LIGHT_AT, payload) === L.OK)
      started.push([answer(), answerGen()]);
    else call("blockFree", slot, epoch, payload);
    if (started.length > 8)
      call("taskCancel", slot, epoch, ...started.splice(pick(8), 1)[0]) === L.OK && call("blockFree", slot, epoch, answer());
  },
  function take() {
    const queue = pick(2) ? L.QUEUE_LIGHT_AT : L.QUEUE_DEDICATED_AT;
    const home = index & 1 ? L.QUEUE_LIGHT_AT : L.QUEUE_DEDICATED_AT; // a thread stands in the idle list of one queue only
    const modes = [L.TAKE, L.TAKE_OR_IDLE, L.TAKE_OR_IDLE, L.LEAVE_IDLE];
    if (call("taskTake", slot, epoch, queue, queue === home ? modes[pick(4)] : L.TAKE) !== L.OK) return;
    const payload = answer();
    const task = answerGen();
    dawdle();
    let result = 0;
    if (pick(2) && call("blockAlloc", slot, epoch, 1 + pick(300)) === L.OK) result = answer();
    call("blockFree", slot, epoch, payload);
    call("taskFinish", slot, epoch, task, L.OUTCOME_RESULT, result);
    drain();
  },
  function claim() {
    const { at, gen } = channel();
    call("chanClaim", at, gen, slot, epoch, pick(2), 1 + pick(3));
    if (pick(400) === 0 && ++chunks < 4) moreOps();
  },
];

function close(handle) {
  if (handle === 0n) return;
  const at = Number(handle & 0xffffffffn);
  const gen = Number(handle >> 32n);
  for (let resume = 0; call("close", at, gen, slot, epoch, resume) === L.AGAIN; dawdle()) resume = 1;
  call("chanFree", at, gen, slot, epoch, 1);
}

const line = BOARD.WORKERS + index * BOARD.PER_WORKER;
try {
  moreOps();
  const from = (list, first) => list.map((at, i) => ({ at, which: first + i }));
  const wide = {
    words: from(fixed, 0),
    cells: from(cells, fixed.length),
    blocks: from(blockChannels, fixed.length + cells.length),
  };
  work.push(...valueWork({ L, slot, epoch, u32, i32, f64, call, pick, value, seen, answer, ops, finished, drain, dawdle }, wide));
  for (;;) {
    const round = Atomics.load(view.i32, BOARD.PAUSE);
    if (round & 1) {
      Atomics.store(view.i32, line + 1, round); // this very pause: an older one's mark would pass for it
      while (Atomics.load(view.i32, BOARD.PAUSE) === round) Atomics.wait(view.i32, BOARD.PAUSE, round, 50);
    }
    for (let i = 0; i < 8; i++) {
      if (ops.length < 2) moreOps();
      if (ops.length < 2) break;
      work[pick(work.length)]();
    }
    Atomics.add(view.i32, line, 1);
  }
} catch (error) {
  parentPort.postMessage(String(error.stack ?? error));
  throw error;
}
