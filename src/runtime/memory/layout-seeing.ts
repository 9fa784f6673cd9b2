// What threads note for whoever looks at them, also while they are stuck: words that JavaScript alone touches, no transition. Offsets as in layout.ts.
//
// Invariants
//   1. A word of a slot, an operation or a task is written by the thread it belongs to, as a plain store before the atomic store that makes its state
//      visible (park word, operation's state); who looks reads the state first. What is read while the thread goes on may be a moment old, never torn.
//   2. A name counts only beside its record's generation: a record that is used again has none until it is given one.

export const HEAP_WATCHED_AT = 144; // what is watched; written before any other thread exists
/** Threads note where they wait, and can be asked whether anything is left that could wake them. */
export const WATCH_DEADLOCKS = 1;
/** Tasks are timed exactly. */
export const WATCH_TIMES = 2;

// ── Slot: the line of its own words ──────────────────────────────────────────────────────────────────────────────────────────────────
export const SLOT_PARKS = 656; // how often it has parked: equal twice, and it has slept in between
export const SLOT_BLOCKED_OP = 660; // the operation its thread is blocked on, 0 for none
export const SLOT_SINCE = 664; // 8 bytes: when it went idle, in milliseconds since the epoch
export const SLOT_QUIET = 672; // SLOT_PARKS at which nothing was left that could wake it but the heap; 0 for not known
export const SLOT_TIMERS = 676; // timeouts and deadlines it had when it parked
export const SLOT_TASKS = 680; // tasks it has ended

// ── Slot: the line of what its supervisor asks of it ─────────────────────────────────────────────────────────────────────────────────
export const SLOT_ASKED = 896; // 1: find out whether you are quiet
export const SLOT_DOOMED = 900; // 1: your waits can never end, give them up

// ── Operation: between its value and its state ───────────────────────────────────────────────────────────────────────────────────────
export const OP_SINCE = 24; // 8 bytes: when it began to wait, or its thread to sleep on it, in milliseconds since the epoch; 0 before
export const OP_END = 32; // who can end it: BY_PEERS, BY_ITSELF, IN_BACKGROUND
export const OP_WHERE = 36; // block of text: the stack of the waiting call, 0 for none

export const BY_PEERS = 0;
/** A timeout, a timer or a signal of its own may, too. */
export const BY_ITSELF = 1;
/** Nobody minds if it never ends. */
export const IN_BACKGROUND = 2;

// ── Task: its second line ────────────────────────────────────────────────────────────────────────────────────────────────────────────
export const TASK_NAME = 72; // TASK_NAME_BYTES of the function's name, zero at its end; written by the owner beside TASK_STARTED
export const TASK_NAME_BYTES = 48;

// ── Names: the generation they were given in, then text, zero at its end ────────────────────────────────────────────────────────────
export const CHANNEL_NAME = 64;
export const CHANNEL_NAME_BYTES = 56;
export const SYNC_NAME = 104;
export const SYNC_NAME_BYTES = 16;
export const LEASED_NAME = 108;
export const LEASED_NAME_BYTES = 16;
