// Where the words of a sync record lie: a part of layout.ts, which re-exports it.

// ── Sync: one record for every primitive that is no channel; transitions/sync.ts draws it. Plain fields guarded by SYNC_LOCK ─────────────
export const SYNC_SIZE = 128;
export const SYNC_FREE_NEXT = 0;
export const SYNC_GEN = 4;
export const SYNC_FLAGS = 8;
export const SYNC_POLICY = 12; // what it does beside counting permits: SYNC_SEMAPHORE … SYNC_GATHERING
export const SYNC_PERMITS = 16; // in all
export const SYNC_FREE = 20; // of them, not taken
export const SYNC_PHASE = 24; // whoever waits with an older one is let through
export const SYNC_HOLDS = 28; // nodes that hold
export const SYNC_HEAD = 32; // waiting nodes, oldest first
export const SYNC_TAIL = 36;
export const SYNC_LOCK_OF = 40; // record of the lock a condition belongs to, and its generation
export const SYNC_LOCK_GEN = 44;
export const SYNC_LIVE = 48; // 1 between syncMake and syncFree, for whoever enumerates
export const SYNC_MAKER = 52; // slot of the thread that made it
export const SYNC_BLOCK = 56; // a block that goes with the record: a value, a table of keys; 0 for none
export const SYNC_LOCK = 60; // control
export const SYNC_NUMBER = 64; // 8 bytes: an AtomicFloat's value
export const BUCKET_TOKENS = 64; // 8 bytes each: a bucket's tokens at an instant, below zero while reservations are out
export const BUCKET_AT = 72; // that instant, in milliseconds on the clock that all threads share
export const BUCKET_RATE = 80; // tokens a second
export const BUCKET_BURST = 88; // most it holds
export const BUCKET_LATEST = 96; // when the latest of the tokens taken falls due
export const KEY_MASK = 64; // of a table of keys: rows − 1
export const KEY_SEED = 72; // 8 bytes: what is hashed with each key
export const SYNC_CELL = 124; // control: the value of an AtomicInt or AtomicFlag, changed by JavaScript's own atomics
export const SYNC_SEMAPHORE = 0; // nothing
export const SYNC_LOCKING = 1; // all permits at once are an exclusive hold; if its holder dies the record is marked abandoned
export const SYNC_COUNTING = 2; // taken permits are a count; when none is taken everybody who waits is let through
export const SYNC_SIGNALLING = 3; // permits are signals: there are none but those given to somebody who waits
export const SYNC_GATHERING = 4; // who waits has taken a permit; when none is left all are let through and the permits are back
export const SYNC_PERMITS_MAX = 1073741823;
export const SYNC_CLOSED = 1; // flags
export const SYNC_ABANDONED = 2;
export const SYNC_TAKES = 1; // a node's wish: take the permits and hold them; without it only the wait counts
export const SYNC_BARGES = 2; // be served although others wait
export const SYNC_RECOVERS = 4; // have an abandoned lock too, and clear it of the mark
export const NUMBER_LOAD = 0; // numberDo
export const NUMBER_STORE = 1;
export const NUMBER_ADD = 2;
export const NUMBER_COMPARE = 3;
export const GIVE_BACK = 0; // syncRelease: the permits are free again
export const ABANDON = 1; // the holder has died: the same, and an exclusive hold leaves its mark
export const CONSUME = 2; // they are used up
export const BUCKET_LOOK = 0; // bucketSet
export const BUCKET_SET_RATE = 1;
export const BUCKET_SET_BURST = 2;
export const BUCKET_CLOSE_FULL = 3; // closes it if it is as good as new

// ── Tiers: the buckets of one bucketTake or bucketGive, on a line of the slot that its own thread alone writes ─────────────────────────────
export const SLOT_TIERS = 768;
export const TIERS_MAX = 4;
export const TIER_SIZE = 32;
export const TIER_RECORD = 0; // in the order of their addresses, no two the same
export const TIER_GEN = 4;
export const TIER_DUE = 8; // 8 bytes each: when what was taken falls due at this tier alone
export const TIER_RATE = 16; // its rate when it was taken

// ── Key: what keyTake and keyDrop are asked, on the same line ────────────────────────────────────────────────────────────────────────────
export const SLOT_KEY = 768;
export const KEY_HASH = 0; // four words; the first is never 0
export const KEY_OFFER = 16; // address and generation of the record that is to stand for the key; 0: only looks
export const KEY_WORN = 24; // those of one that may be replaced

// ── Table of keys: rows of four places, each behind the other in a block. No place has a word where a control word would lie ──────────────
export const ROW_PLACES = 4;
export const ROW_SIZE = 128;
export const PLACE_SIZE = 32;
export const PLACE_HASH0 = 0; // 0: no key is found there
export const PLACE_HASH1 = 4;
export const PLACE_HASH2 = 8;
export const PLACE_HASH3 = 16;
export const PLACE_RECORD = 20; // 0: never used
export const PLACE_GEN = 24;
