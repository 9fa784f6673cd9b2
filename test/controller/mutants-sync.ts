// Copies of src spoiled in the JavaScript of the sync primitives, and in what the sweep does for them.

import type { Mutant } from "./mutants.ts";

const RECORD = "src/runtime/sync/sync-record.ts";
const MUTEX = "src/runtime/sync/mutex.ts";
const RW = "src/runtime/sync/rw-mutex.ts";
const COND = "src/runtime/sync/cond.ts";
const GROUP = "src/runtime/sync/wait-group.ts";
const ONCE = "src/runtime/sync/once.ts";
const SEMAPHORE = "src/runtime/sync/semaphore.ts";
const BARRIER = "src/runtime/sync/barrier.ts";
const ATOMIC = "src/runtime/sync/atomic.ts";
const SWEEP = "src/workers/sweep.ts";

export const SYNC_MUTANTS: readonly Mutant[] = [
  {
    name: "a wait at a primitive that was given up stays in the queue",
    file: RECORD,
    from: 'this.goOn(thread.call("withdraw", (fn) => fn.syncServe(address, thread.slot, thread.epoch, op.node)));',
    to: "void op; void thread; void address;",
  },
  {
    name: "who gives up lets nobody behind it go on",
    file: RECORD,
    from: 'this.goOn(thread.call("withdraw", (fn) => fn.syncServe(address, thread.slot, thread.epoch, op.node)));',
    to: 'thread.call("withdraw", (fn) => fn.syncServe(address, thread.slot, thread.epoch, op.node));',
  },
  {
    name: "an unlock serves one",
    file: RECORD,
    from: "    this.goOn(status);\n  }\n\n  /** The same, and the operation is free again. */",
    to: "  }\n\n  /** The same, and the operation is free again. */",
  },
  {
    name: "close of a primitive wakes one",
    file: RECORD,
    from: "    this.goOn(status);\n  }\n}",
    to: "  }\n}",
  },
  { name: "a closed primitive is not freed", file: RECORD, from: "if (now === L.CLOSED)", to: "if (now === L.BLOCK)" },
  { name: "the last to come wakes one", file: RECORD, from: "    this.goOn(status);\n    return L.OK;", to: "    return L.OK;" },
  {
    name: "a hold's operation is used again while it holds",
    file: RECORD,
    from: "isKept: (wish & L.SYNC_TAKES) !== 0,",
    to: "isKept: false,",
  },
  {
    name: "a record that is busy counts as taken",
    file: RECORD,
    from: '    let status = first;\n    if (status === L.BUSY || status === L.FENCED) {\n      status = thread.call("wait"',
    to: '    let status = first === L.BUSY && mode === 0 ? L.BLOCK : first;\n    if (status === L.BUSY || status === L.FENCED) {\n      status = thread.call("wait"',
  },
  {
    name: "a release that finds the record busy is over",
    file: RECORD,
    from: 'if (status === L.BUSY || status === L.FENCED) {\n      status = thread.call("release"',
    to: 'if (status === L.FENCED) {\n      status = thread.call("release"',
  },
  { name: "closed and abandoned are mixed up", file: RECORD, from: "return this.isClosed\n", to: "return !this.isClosed\n" },
  {
    name: "an operation that waited for its hold is given back as if it never had",
    file: RECORD,
    from: "if (op.isSettled) this.thread.ops.release(op);\n    else this.thread.ops.putBack(op);",
    to: "this.thread.ops.putBack(op);",
  },
  { name: "recover takes no abandoned lock", file: MUTEX, from: "wish: L.SYNC_TAKES | L.SYNC_RECOVERS", to: "wish: L.SYNC_TAKES" },
  { name: "a reader is alone", file: RW, from: 'what: "rLock", weight: 1', to: 'what: "rLock", weight: L.SYNC_PERMITS_MAX' },
  { name: "a writer has one share", file: RW, from: 'what: "lock", weight: L.SYNC_PERMITS_MAX', to: 'what: "lock", weight: 1' },
  { name: "permits are taken one at a time", file: SEMAPHORE, from: "weight: n, wish", to: "weight: Math.min(n, 1), wish" },
  {
    name: "the lock is given back before the wait is in the queue",
    file: COND,
    from: '        const status = record.attempt(op, 1, L.SYNC_TAKES, mode);\n        if (status === L.PARKED) guard.giveBack("wait");',
    to: '        if (mode !== 0) guard.giveBack("wait");\n        const status = record.attempt(op, 1, L.SYNC_TAKES, mode);',
  },
  { name: "a signal is kept by who cannot have the lock", file: COND, from: "guard.isHeld ? L.CONSUME : L.GIVE_BACK", to: "L.CONSUME" },
  { name: "a signal is not used up", file: COND, from: "guard.isHeld ? L.CONSUME : L.GIVE_BACK", to: "L.GIVE_BACK" },
  {
    name: "who gives up at a condition stays there",
    file: COND,
    from: "withdraw: (op) => record.withdraw(op),",
    to: "withdraw: () => {},",
  },
  { name: "a broadcast lets one go", file: COND, from: "    this.#record.goOn(status);", to: "" },
  { name: "a signal is a broadcast", file: COND, from: "this.#send(0);", to: "this.#send(1);" },
  {
    name: "the count at zero lets one go",
    file: GROUP,
    from: "if (status !== L.REFUSED) this.#record.goOn(status);",
    to: "if (status !== L.REFUSED) return;",
  },
  {
    name: "a place waits behind others",
    file: GROUP,
    from: 'what: "hold", weight: 1, wish: L.SYNC_TAKES | L.SYNC_BARGES',
    to: 'what: "hold", weight: 1, wish: L.SYNC_TAKES',
  },
  { name: "a place counts nothing", file: GROUP, from: 'what: "hold", weight: 1', to: 'what: "hold", weight: 0' },
  {
    name: "a once is given on before it is done",
    file: ONCE,
    from: "    this[Symbol.dispose](); // somebody may have closed it meanwhile\n    this.#record.giveBack(turn);",
    to: "    this.#record.giveBack(turn);\n    this[Symbol.dispose]();",
  },
  {
    name: "a once that was closed meanwhile keeps its turn",
    file: ONCE,
    from: "this[Symbol.dispose](); // some",
    to: "this.#record.close(); // some",
  },
  { name: "everybody is the last at a barrier", file: BARRIER, from: "isLast = status === L.OK;", to: "isLast = true;" },
  { name: "who gives up at a barrier has come", file: BARRIER, from: "withdraw: (op) => record.withdraw(op),", to: "withdraw: () => {}," },
  {
    name: "an int is added to in two steps",
    file: ATOMIC,
    from: 'return (Atomics.add(this.i32, this.cell, whole("n", n)) + n) | 0;',
    to: "const sum = Atomics.load(this.i32, this.cell) + n;\n    Atomics.store(this.i32, this.cell, sum);\n    return sum;",
  },
  {
    name: "a number that is busy is left as it is",
    file: ATOMIC,
    from: "if (status === L.BUSY || status === L.FENCED) status =",
    to: "if (status === L.FENCED) status =",
  },
  {
    name: "the sweep keeps what the dead held",
    file: SWEEP,
    from: 'if (hasExited && thread.call("release", (fn) => fn.syncRelease(record, slot, epoch, node, L.ABANDON)) !== L.NONE) return;',
    to: "void hasExited;",
  },
  {
    name: "the sweep gives back what a thread holds that still runs",
    file: SWEEP,
    from: 'if (hasExited && thread.call("release"',
    to: 'if (thread.call("release"',
  },
  { name: "the sweep leaves no mark", file: SWEEP, from: "node, L.ABANDON))", to: "node, L.GIVE_BACK))" },
  {
    name: "the sweep lets those sleep who wait at the condition of an abandoned lock",
    file: SWEEP,
    from: "let status = isAlarmed ?",
    to: "let status = isAlarmed && record < 0 ?",
  },
  { name: "the sweep serves nobody", file: SWEEP, from: "  serveSyncs(thread);\n  sweepLeases", to: "  sweepLeases" },
  {
    name: "the sweep leaves those linked who waited at a primitive",
    file: SWEEP,
    from: '  thread.call("unlink", (fn) => fn.syncServe(record, slot, epoch, node));\n',
    to: "",
  },
];
