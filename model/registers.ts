// Names for a thread's registers. Those from LOCAL on are forgotten when an instruction ends.

export const SETTLED = 0; // … 7: final state of each of its operations, 0 while pending
export const STARTED_AT = 8; // program index of the operation begun and not yet awaited
export const LOCAL = 9;
export const CASE = 9; // case a pass stands at
export const CHOSEN = 10; // case that was completed, 8 for none
export const WANT = 12; // operation whose settlement ends the parking; WANT_TASK + k for a task, WANT_ANY for none in particular
export const BACK = 13; // step that goes on after parking
export const CHAIN = 14; // rest of a taken ready list
export const LAST_LINKED = 15; // cases 0 … LAST_LINKED − 1 may be linked
export const HELD = 16; // a block between two calls
export const TASK = 17;
export const VICTIM = 18;
export const AFTER_EXIT = 19;
export const INTENT = 20;
export const INTENT_GEN = 21;
export const RESUMED = 22;
export const RESULT = 23;
export const ORPHANS = 24; // … 27: ended tasks of a dead joiner
export const SLOT = 28; // whose ready list is taken
export const BESIDE = 29; // a block beside the held one
export const BLOCKS = 32; // … 34: the block each send case of an operation sends, on channels of blocks
export const RECEIVED_BLOCK = 35; // the block it received
export const PROGRESS = 36; // values of a bulk operation already through
export const OUTCOME = 37; // how an operation ended: one of the three below
export const END = 38;
export const BUFFER = 38; // the private block of bulk operations, kept for the thread's life

// OUTCOME
export const WENT_THROUGH = 0;
export const MET_CLOSED = 1;
export const GAVE_UP = 2;

export const WANT_TASK = 16;
export const WANT_ANY = 32;
