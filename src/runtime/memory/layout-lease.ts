// Where the words of a leased queue and of its jobs lie: a part of layout.ts, which re-exports it.

// ── Lists of jobs and of nodes: two words in a record, and two at the beginning of each link ─────────────────────────────────────────────
export const LIST_HEAD = 0;
export const LIST_TAIL = 4;
export const LINK_PREV = 0; // as NODE_PREV, JOB_PREV
export const LINK_NEXT = 4;

// ── Leased queue; transitions/lease.ts draws it. Plain fields guarded by LEASED_LOCK ─────────────────────────────────────────────────────
export const LEASED_SIZE = 128;
export const LEASED_FREE_NEXT = 0;
export const LEASED_GEN = 4;
export const LEASED_FLAGS = 8;
export const LEASED_CAPACITY = 12; // most jobs that may stand in it before producers wait; what comes back counts and does not wait
export const LEASED_ATTEMPTS = 16; // leases a job gets before it goes to the dead letters; 0 for no end of them
export const LEASED_FEEDERS = 20; // queues whose dead letters this is, not freed yet
export const LEASED_DEAD = 24; // record of the dead letters, 0 for none, and its generation
export const LEASED_DEAD_GEN = 28;
export const LEASED_JOBS = 32; // list: jobs to be handed out, next one first
export const LEASED_LEASES = 40; // list: jobs handed out, oldest lease first
export const LEASED_LIVE = 48; // 1 between leaseMake and leaseFree, for whoever enumerates
export const LEASED_MAKER = 52; // slot of the thread that made it
export const LEASED_LOCK = 60; // control
export const LEASED_TAKERS = 64; // list: nodes that wait for a job, oldest first
export const LEASED_PUTTERS = 72; // list: nodes that wait for room, oldest first
export const LEASED_QUEUED = 80; // how many jobs stand in LEASED_JOBS
export const LEASED_HELD = 84; // … and in LEASED_LEASES
export const LEASED_ACCEPTED = 104; // jobs that joined it at its end, ever; wraps
export const LEASED_BURIED = 88; // jobs that went to the dead letters, ever
export const LEASED_CODEC = 92; // this and the next: written once by the maker, before anybody else has the handle
export const LEASED_LEASE_MS = 96; // 8 bytes: how long a lease lasts, Infinity for as long as its thread
export const LEASED_CLOSED = 1; // flags

// ── Job. Plain fields guarded by the lock of the queue it belongs to; while it is made, by its maker alone ───────────────────────────────
export const JOB_SIZE = 64;
export const JOB_PREV = 0; // in a list of its queue
export const JOB_NEXT = 4; // … or among the free ones
export const JOB_STAGE = 8; // JOB_FREE … JOB_LEASED
export const JOB_LEASE = 12; // how often this record was ever handed out: the number of a lease, never used again
export const JOB_ATTEMPT = 16; // how often this job was handed out by this queue
export const JOB_OWNER = 20; // slot and epoch of who made it, and then of who leases it
export const JOB_OWNER_EPOCH = 24;
export const JOB_BLOCK = 28; // block of the value, 0 where it is a word
export const JOB_VALUE = 32; // 8 bytes: the value that is a word
export const JOB_EXPIRES = 40; // 8 bytes: when the lease may be taken away, on sharedNow()'s clock (clock.ts)
export const JOB_CAUSES = 48; // block that tells why it came back, 0 for none
export const JOB_ORDER = 52; // LEASED_ACCEPTED when it joined its queue
export const JOB_QUEUE = 60; // control: the queue it belongs to, 0 for none

export const JOB_FREE = 0;
export const JOB_MADE = 1;
export const JOB_QUEUED = 2;
export const JOB_LEASED = 3;
