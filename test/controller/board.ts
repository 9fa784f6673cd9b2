// The words all threads under the controller share: whose turn it is, where each thread stands, the orders of a run, its trace and its history.
//
// Memory   one SharedArrayBuffer of Int32 words: words of the run │ a line per thread │ forced choices │ trace │ history.
// Order    only the thread whose turn it is reads or writes any of them, and the turn is handed on with an atomic store: plain accesses do.
//          Exceptions, atomic: TURN, STATE and ASLEEP, which a thread that comes out of a sleep reads or writes; EXITED, which the crew writes.

/** Atomics as it is before a thread's hooks stand in for it. */
export const real = {
  load: Atomics.load,
  store: Atomics.store,
  exchange: Atomics.exchange,
  add: Atomics.add,
  compareExchange: Atomics.compareExchange,
  wait: Atomics.wait,
  waitAsync: Atomics.waitAsync,
  notify: Atomics.notify,
};

/** The supervising thread and up to four of a program. */
export const MAX_THREADS = 5;
export const BOSS = 0;

// ── Where a thread stands ──
export const ABSENT = 0;
/** Before a step of its own. */
export const AT_GATE = 1;
/** In Atomics.wait on its park word. */
export const BLOCKED = 2;
/** In its event loop, which has nothing to run or is about to choose. */
export const IN_LOOP = 3;
/** The supervising thread, between deaths. */
export const WATCHING = 4;
export const ENDED = 5;
export const STOPPED = 6;

// ── What can happen next on a thread: a choice is thread × KINDS + kind ──
export const KINDS = 6;
/** Its next step; in a watching thread nothing. */
export const STEP = 0;
/** Its next transition finds a lock held and answers BUSY. */
export const BUSY_STEP = 1;
/** Its waitAsync resolves; to the supervising thread: news of a death. */
export const WAKE = 2;
/** A callback of its event loop; to the supervising thread: all the others rest. */
export const CALLBACK = 3;
/** Its clock passes every deadline it has. */
export const TICK = 4;
/** The signal of its operation is aborted. */
export const ABORT = 5;
export const KIND_NAMES = ["step", "busy", "wake", "callback", "tick", "abort"];

// ── Labels of steps ──
export const LABEL_NAMES = ["", "load ready", "take ready", "load park", "store park", "wait", "woken", "waitAsync", "nap", "exit", "cell"];
export const LOAD_READY = 1;
export const TAKE_READY = 2;
export const LOAD_PARK = 3;
export const STORE_PARK = 4;
export const WAIT = 5;
export const WOKEN = 6;
export const WAIT_ASYNC = 7;
export const NAP = 8;
export const EXIT = 9;
/** The word of an AtomicInt or AtomicFlag. */
export const CELL = 10;
/** The transitions follow, in the order of the module's exports. */
export const FIRST_TRANSITION = 16;

// ── Entries of the history: code, then ──
/** task, operation: it begins. */
export const INVOKE = 1;
/** task, operation, what came of it (results.ts). */
export const RETURN = 2;
/** thread: it takes no further step. */
export const DEATH = 3;
/** thread: it is retired. */
export const FENCED = 4;
/** Nobody can go on. */
export const REST = 5;
/** thread: it is gone; what it held may return. */
export const GONE = 6;

export const MAX_DECISIONS = 4_000;
const MAX_LOG = 8_000;

// ── Words of the run ──
export const THREAD_COUNT = 0;
export const DECISIONS = 1;
export const CURRENT = 2;
export const OUTCOME = 3;
export const HUNG = 5; // threads that had not ended, as bits
export const VICTIM = 6; // the thread whose death the supervising thread has yet to mend, 0 for none
export const FAULT_DONE = 7;
export const LOG_LENGTH = 9;
export const RANDOM = 10;
export const RESTS = 11; // how often all threads came to rest
// Orders
export const MODE = 16;
export const STICK = 17; // of 1,000: how often a random schedule lets the current thread go on
export const BUSY_SHARE = 18; // of 1,000: how often a transition finds a lock held
export const FAULT = 19;
export const FAULT_AT = 20;
export const FAULT_VICTIM = 21; // 0: whoever was to take that step
export const BOSS_RANK = 22;
export const FORCED = 23; // how many choices are given
export const SEED = 24;
export const HANDLES = 32; // of the program's channels
export const CONTEXTS = 48; // handles of its contexts
export const SYNCS = 56; // of its sync primitives

export const STAY = 0;
export const AT_RANDOM = 1;

export const NO_FAULT = 0;
/** The thread never takes another step: unwound in its worker, its views of the heap exchanged for others. */
export const STOP = 1;
/** The same by Worker.terminate(). */
export const TERMINATE = 2;
/** The thread is retired and runs on, until the supervising thread ends it. */
export const FENCE = 3;

export const BOSS_FIRST = 0;
export const BOSS_LAST = 1;

// ── Outcomes ──
export const RUNNING = 0;
export const DONE = 1;
/** Somebody waits though every channel is closed. */
export const HANGS = 2;
export const ENDLESS = 3;
/** The crew's watchdog: a thread that was woken did not come. */
export const SILENT = 4;
/** A given choice could not happen. */
export const DIVERGED = 5;
export const OUTCOME_NAMES = ["running", "done", "somebody hangs", "endless", "a woken thread did not come", "does not repeat"];

// ── Words of a thread ──
export const TURN = 0;
export const STATE = 1;
export const GRANT = 2; // the kind it was given
export const LABEL = 3; // the step it stands before
export const NOTIFIED = 4; // notifies of its async word not yet seen by its loop
export const CALLBACKS = 5;
export const TIMERS = 6;
export const DEADLINES = 7; // operations under way that have a timeout
export const ABORTABLE = 8;
export const NOW = 9; // its clock, ms
export const TICKED = 10; // its wait ends by its timeout
export const ASLEEP = 11; // in Atomics.wait, or about to be
export const EXITED = 12;
/** A waitAsync is there that no notify has met. */
export const ARMED = 14;
export const IN_USE = 13; // what it left in its own tables when it ended
const LINE = 32;

const THREADS_AT = 64;
const FORCED_AT = THREADS_AT + MAX_THREADS * LINE;
const CHOICES_AT = FORCED_AT + MAX_DECISIONS;
const OPTIONS_AT = CHOICES_AT + MAX_DECISIONS;
const LABELS_AT = OPTIONS_AT + MAX_DECISIONS;
const RESULTS_AT = LABELS_AT + MAX_DECISIONS;
const LOG_AT = RESULTS_AT + MAX_DECISIONS;
const WORDS = LOG_AT + MAX_LOG;

export class Board {
  readonly words: Int32Array;

  constructor(buffer = new SharedArrayBuffer(WORDS * 4)) {
    this.words = new Int32Array(buffer as unknown as ArrayBuffer);
  }

  get(word: number): number {
    return this.words[word]!;
  }

  set(word: number, value: number): void {
    this.words[word] = value;
  }

  index(thread: number, word: number): number {
    return THREADS_AT + thread * LINE + word;
  }

  of(thread: number, word: number): number {
    return this.words[THREADS_AT + thread * LINE + word]!;
  }

  setOf(thread: number, word: number, value: number): void {
    this.words[THREADS_AT + thread * LINE + word] = value;
  }

  addTo(thread: number, word: number, by: number): void {
    this.words[THREADS_AT + thread * LINE + word]! += by;
  }

  state(thread: number): number {
    return real.load(this.words, this.index(thread, STATE));
  }

  setState(thread: number, state: number): void {
    real.store(this.words, this.index(thread, STATE), state);
  }

  forced(decision: number): number {
    return this.words[FORCED_AT + decision]!;
  }

  force(choices: ArrayLike<number>): void {
    this.words.set(Array.from(choices), FORCED_AT);
    this.set(FORCED, choices.length);
  }

  record(decision: number, choice: number, options: number, label: number): void {
    this.words[CHOICES_AT + decision] = choice;
    this.words[OPTIONS_AT + decision] = options;
    this.words[LABELS_AT + decision] = label;
    this.words[RESULTS_AT + decision] = -1;
  }

  /** What the last decision's step answered. */
  answer(result: number): void {
    this.words[RESULTS_AT + this.get(DECISIONS) - 1] = result;
  }

  trace(): { choices: number[]; options: number[]; labels: number[]; results: number[] } {
    const part = (at: number) => Array.from(this.words.subarray(at, at + this.get(DECISIONS)));
    return { choices: part(CHOICES_AT), options: part(OPTIONS_AT), labels: part(LABELS_AT), results: part(RESULTS_AT) };
  }

  log(...entry: number[]): void {
    const length = this.get(LOG_LENGTH);
    if (length + entry.length + 1 > MAX_LOG) throw new Error("the history of a run finds no room on the board");
    this.words[LOG_AT + length] = entry.length;
    this.words.set(entry, LOG_AT + length + 1);
    this.set(LOG_LENGTH, length + entry.length + 1);
  }

  /** The entries of the history, oldest first. */
  history(): number[][] {
    const entries: number[][] = [];
    for (let at = 0; at < this.get(LOG_LENGTH); at += entries.at(-1)!.length + 1) {
      const length = this.words[LOG_AT + at]!;
      entries.push(Array.from(this.words.subarray(LOG_AT + at + 1, LOG_AT + at + 1 + length)));
    }
    return entries;
  }

  clear(): void {
    this.words.fill(0, 0, FORCED_AT);
  }
}
