// Where the queues lie that are opened while a runtime runs, one for each crew: a part of layout.ts, which re-exports it.

// ── Crew queues: records like QUEUE_LIGHT_AT, used again once their crew's last thread has exited ────────────────────────────────────────
export const CREW_QUEUES_AT = 32768;
export const QUEUE_SIZE = 128;
export const CREW_QUEUE_COUNT = 256; // up to SLOTS_AT
