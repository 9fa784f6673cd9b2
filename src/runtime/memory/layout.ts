// The one declaration of what lies where in shared memory, read by TypeScript and by AssemblyScript alike: integer constants only.
// Offsets and sizes are bytes; a name ending in _AT is an address, every other offset counts from the start of its record.
//
// Memory (one shared WebAssembly.Memory, committed lazily, never grown; address 0 is null)
//
//   0        128       256      384      512        8 Ki        16 Ki         32 Ki         64 Ki                    64 Ki + 1 Mi
//   ├─ null ─┼─ facts ─┼─ bump ─┼─ live ─┼─ queues ─┼─ classes ─┼─ schemas … ─┼─ crew queues ┼─ slots (1,024 × 1 KiB) ─┼─ records and blocks → ceiling
//
// Invariants
//   1. A control word (lock, index and lock, state, epoch, park, ready list, counter) lies at an address ≡ 60 (mod 64) and is touched by atomic
//      operations only; nothing else lies there but entries of the schema table, which are plain data. The byte check and the explorer both rest on this rule.
//   2. Words that different threads write while running lie on different lines of 128 bytes.
//   3. A record of a kind (channel, task) stays of that kind for ever: a late call through an old handle still finds a lock and a generation.

export * from "./layout-crew.ts";
export * from "./layout-lease.ts";
export * from "./layout-sync.ts";
export const LINE = 128;
export const CONTROL_REMAINDER = 60;
export const CONTROL_MODULUS = 64;

// ── What a transition answers ────────────────────────────────────────────────────────────────────────────────────────────────────────
export const OK = 0;
/** It would have to wait and was not asked to. */
export const BLOCK = 1;
/** Linked as a waiter: it will be fired. */
export const PARKED = 2;
export const CLOSED = 3;
/** A lock was held: nothing changed, call again. */
export const BUSY = 4;
/** One step is done (a stale waiter dropped, one waiter woken): call again at once. */
export const AGAIN = 5;
/** A peer completed the caller's operation meanwhile: it is in the ready list. */
export const FIRED = 6;
/** The caller's epoch is retired; nothing changed. */
export const FENCED = 7;
/** The fast path does not apply: take the slow one. */
export const SLOW = 8;
/** The heap's ceiling is reached; nothing changed. */
export const NO_MEMORY = 9;
/** There is nothing to take. */
export const NONE = 10;
/** The handle's generation is past: the record was freed. */
export const STALE = 11;
/** A declared limit stands against it. */
export const REFUSED = 12;

// ── Heap facts: written once, before any other thread sees the memory ────────────────────────────────────────────────────────────────
export const HEAP_MAGIC_AT = 128;
export const HEAP_CEILING_AT = 132;
export const HEAP_RUNTIME_ID_AT = 136;
export const HEAP_SUPERVISOR_AT = 140; // slot of the supervising thread
export const HEAP_SLOTS_AT = 188; // control: slots ever opened, for whoever scans them
export const HEAP_MAGIC = 1212499012; // "HEDD"

// ── Bump: where the untouched part begins ────────────────────────────────────────────────────────────────────────────────────────────
export const BUMP_AT = 256;
export const BUMP_NEXT = 0; // guarded by BUMP_LOCK
export const BUMP_LOCK = 60; // control

// ── Live ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
export const LIVE_AT = 384;
export const LIVE_TASKS = 60; // control: tasks accepted and not yet collected

// ── Task queues. Plain fields guarded by QUEUE_LOCK ──────────────────────────────────────────────────────────────────────────────────
export const QUEUE_LIGHT_AT = 512;
export const QUEUE_DEDICATED_AT = 640;
export const QUEUE_REPORTS_AT = 768; // served by the supervising thread: failures nobody joined
export const QUEUE_HEAD = 0;
export const QUEUE_TAIL = 4;
export const QUEUE_LENGTH = 8;
export const QUEUE_IDLE = 12; // first of the slots that wait for a task
export const QUEUE_LIMIT = 16; // most tasks admitted at once; 0 for no limit
export const QUEUE_LOCK = 60; // control
export const QUEUE_BUSY = 124; // control: admitted (reserved, queued or running) under the limit; grows under QUEUE_LOCK only

// ── Classes: where blocks and records come from. Plain fields guarded by CLASS_LOCK ──────────────────────────────────────────────────
export const CLASSES_AT = 8192;
export const CLASS_SIZE = 128;
export const CLASS_FREE = 0; // first free one
export const CLASS_USED = 4; // how many are in use
export const CLASS_CHUNKS = 8; // kinds: newest chunk, linked through CHUNK_NEXT, for whoever enumerates
export const CLASS_NEXT = 12; // kinds: next never-used record of the newest chunk
export const CLASS_END = 16; // kinds: end of the newest chunk
export const CLASS_LAST = 20; // blocks from COOL_CLASS up: last free one
export const CLASS_COOLING = 24; // … and how many are free
export const CLASS_LOCK = 60; // control
export const BLOCK_CLASSES = 52; // 24, 32, 48, 64, 96 … 2^30 bytes: 1.5·2^k and 2^(k+1)
/** Blocks from this class (32 KiB) up are reused oldest first, and only while COOL_BYTES of their class are free, or a 32nd of the ceiling if that is less. */
export const COOL_CLASS = 21;
export const COOL_BYTES = 4194304;
export const KIND_CHANNEL = 52; // the kinds follow the block classes
export const KIND_TASK = 53;
export const KIND_OP_CHUNK = 54;
export const KIND_SYNC = 55;
export const KIND_LEASED = 56;
export const KIND_JOB = 57;
export const CLASS_COUNT = 58;
export const CHUNK_NEXT = 0; // a chunk is one line of header, then its records; it is never given back
export const CHUNK_RECORDS = 32;

// ── Schemas: descriptions of structs, kept for the life of the heap; an entry is written once, before its number is published ────────────
export const SCHEMAS_AT = 16384;
export const SCHEMA_WORD = 60; // control: schemas << 1 | lock
export const SCHEMA_TABLE = 128; // SCHEMA_MAX block addresses
export const SCHEMA_MAX = 1024;

// ── Block: payload behind a header of 16 bytes ───────────────────────────────────────────────────────────────────────────────────────
export const BLOCK_PREV = 0; // in the private list of the slot that owns it
export const BLOCK_NEXT = 4; // in a private list or a free list
export const BLOCK_CLASS = 8;
export const BLOCK_OWNER = 12; // slot whose private list holds it, 0 once it is reachable otherwise
export const BLOCK_HEADER = 16;
export const BLOCK_MAX = 1073741824;

// ── Slot: one per OS thread, at a fixed place ────────────────────────────────────────────────────────────────────────────────────────
export const SLOTS_AT = 65536;
export const SLOT_SIZE = 1024;
export const SLOT_COUNT = 1024;
export const RECORDS_AT = 1114112; // SLOTS_AT + SLOT_SIZE * SLOT_COUNT
export const SLOT_THREAD = 0; // Node's id of the thread, written by it before it does anything else
export const SLOT_QUEUE = 4; // the task queue it serves, 0 for none; written by the supervisor
export const SLOT_EPOCH = 60; // control: read by its own thread in every call, written by open and fence
export const SLOT_STATE = 124; // control: SLOT_FREE, SLOT_LIVE, SLOT_RETIRED
export const SLOT_READY = 188; // control: newest of the fired operations; written by wakers
export const SLOT_PARK = 252; // control: PARK_RUNNING, PARK_BLOCKED, PARK_IDLE; the blocked thread sleeps on it
export const SLOT_ASYNC_WORD = 316; // control: always 0; the one pending waitAsync sleeps on it
export const SLOT_NAP_WORD = 380; // control: always 0; the thread naps on it while a lock stays busy
export const SLOT_BLOCKS = 384; // guarded by SLOT_LOCK: first private block
export const SLOT_CHUNKS = 388; // guarded by SLOT_LOCK: first chunk of operations
export const SLOT_INTENT = 392; // guarded by SLOT_LOCK: the channel this thread is in the middle of closing
export const SLOT_INTENT_GEN = 396;
export const SLOT_RESERVED = 400; // guarded by SLOT_LOCK: dedicated tasks reserved and not yet started
export const SLOT_WORKSPACE = 404; // its own thread's working block, 0 for none; written by that thread, and by the supervisor after the sweep
export const SLOT_LOCK = 444; // control
export const SLOT_IDLE_NEXT = 512; // guarded by the queue's lock
export const SLOT_IDLE_PREV = 516;
export const SLOT_IDLE_QUEUE = 520; // queue whose idle list holds this slot, 0 if none
export const SLOT_RESULT = 640; // own line: what a transition hands back beside its status
export const SLOT_RESULT_GEN = 644;
export const SLOT_VALUE = 648; // 8 bytes: a received value

/** taskTake: take the oldest task. */
export const TAKE = 0;
/** taskTake: take the oldest task, or stand in the idle list. */
export const TAKE_OR_IDLE = 1;
/** taskTake: leave the idle list, passing on a wake that may have been meant for us. */
export const LEAVE_IDLE = 2;

export const SLOT_FREE = 0;
export const SLOT_LIVE = 1;
export const SLOT_RETIRED = 2;

export const PARK_RUNNING = 0;
export const PARK_BLOCKED = 1;
export const PARK_IDLE = 2;

// ── What can stand in a ready list (an operation or a task) shares its first words ───────────────────────────────────────────────────
export const READY_RECORD = 0; // RECORD_OP or RECORD_TASK, written once
export const READY_NEXT = 4; // written by the waker before the state that releases it
export const READY_STATE = 60; // control
export const RECORD_OP = 1;
export const RECORD_TASK = 2;

// ── Operation: one blocked send, recv or select of one task; its first node lies inside ──────────────────────────────────────────────
export const OP_SIZE = 128;
export const OP_SLOT = 8;
export const OP_EPOCH = 12;
export const OP_VALUE = 16; // 8 bytes: a received value
export const OP_STATE = 60; // control
export const OP_NODE = 64;
export const OP_CHUNK_SIZE = 4224; // one line of header, then OPS_PER_CHUNK operations; CHUNK_NEXT links the chunks of a slot
export const OPS_PER_CHUNK = 32;

export const OP_IDLE = 0;
export const OP_WAITING = 1;
export const OP_LOCKED = 2;
export const OP_CANCELLED = 3;
export const OP_DONE = 4;
/** From here up the state is OP_FIRED + (case << 2 | direction << 1 | closed). */
export const OP_FIRED = 16;

// ── Node: one case of an operation, in one queue of one channel. Guarded by both words of that channel while linked ──────────────────
export const NODE_SIZE = 64;
export const NODE_PREV = 0;
export const NODE_NEXT = 4;
export const NODE_OP = 8;
export const NODE_CHANNEL = 12; // 0 when not linked
export const NODE_KIND = 16; // case << 1 | direction
export const NODE_VALUE = 24; // 8 bytes: what a send case sends; on a channel of cells, the address of the private cell it comes from or goes to
export const NODE_WEIGHT = 32; // permits that must be free
export const NODE_WISH = 36; // SYNC_TAKES, SYNC_BARGES, SYNC_RECOVERS
export const NODE_PHASE = 40; // of the record when it was linked
export const NODE_HELD = 44; // 1 while it stands for permits that were taken
export const NODE_LEASED = 48; // the leased queue it waits at, 0 when none; guarded by LEASED_LOCK then
export const NODE_SYNC = 56; // the sync record it waits at or holds of, 0 when neither; from NODE_WEIGHT to here guarded by SYNC_LOCK then

export const SENDING = 0;
export const RECEIVING = 1;
/** chanOp: link the node when its case is not ready. */
export const LINK = 1;
/** chanOp: peers can already see the operation through another case. */
export const VISIBLE = 2;

// ── Channel. "Both words" are CHANNEL_SEND_WORD and CHANNEL_RECV_WORD ────────────────────────────────────────────────────────────────
export const CHANNEL_SIZE = 512;
export const CHANNEL_FREE_NEXT = 0;
export const CHANNEL_GEN = 4; // from here to CHANNEL_MAKER: changes only with both words held
export const CHANNEL_FLAGS = 8;
export const CHANNEL_CAPACITY = 12;
export const CHANNEL_MASK = 16;
export const CHANNEL_BUFFER = 20; // block of the ring, 0 for a rendezvous
export const CHANNEL_CODEC = 24;
export const CHANNEL_LIVE = 28; // 1 between chanMake and chanFree, for whoever enumerates
export const CHANNEL_MAKER = 32; // slot of the thread that made it
export const CHANNEL_STRIDE = 36; // bytes of a ring slot: 8 for a word or a block's address, more or less for a cell
export const CHANNEL_RECV_SEEN = 128; // guarded by the send word: the receivers' index as senders last saw it
export const CHANNEL_SEND_WORD = 188; // control: sendIndex << 1 | lock
export const CHANNEL_SEND_SEEN = 256; // guarded by the recv word: the senders' index as receivers last saw it
export const CHANNEL_RECV_WORD = 316; // control: recvIndex << 1 | lock
export const CHANNEL_RECV_HEAD = 384; // both words: waiting receivers, oldest first
export const CHANNEL_RECV_TAIL = 388;
export const CHANNEL_SEND_HEAD = 392; // both words: waiting senders, oldest first
export const CHANNEL_SEND_TAIL = 396;
export const CHANNEL_SEND_OWNER = 400; // both words, declared one-to-one: slot, epoch and end of the one sender
export const CHANNEL_RECV_OWNER = 412; // … and of the one receiver
export const OWNER_SLOT = 0;
export const OWNER_EPOCH = 4;
export const OWNER_END = 8;

export const CODEC_ONE_TO_ONE = 1073741824; // in CHANNEL_CODEC: one sending and one receiving task
export const CODEC_BLOCKS = 536870912; // in CHANNEL_CODEC: values are blocks
export const CODEC_CELLS = 268435456; // in CHANNEL_CODEC: values are cells
export const CODEC_MAX = 268435455; // what is left for the codec itself

export const FLAG_CLOSED = 1;
export const FLAG_RECEIVERS = 2;
export const FLAG_SENDERS = 4;
/** For life: values are addresses of blocks, whose ownership moves with them. Keeps every send and receive on the slow path. */
export const FLAG_BLOCKS = 8;
/** For life: values are cells of CHANNEL_STRIDE bytes, copied between private memory and the ring. One at a time they go through the bulk doors. */
export const FLAG_CELLS = 16;
export const CELL_MAX = 1024;
export const CAPACITY_MAX = 67108864;
export const RING_BYTES_MAX = 536870912;
export const GENERATION_MAX = 134217727; // 27 bits; a record that reaches it is retired

// ── Task ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
export const TASK_SIZE = 128;
export const TASK_GEN = 8;
export const TASK_FREE_NEXT = 12;
export const TASK_QUEUE = 16; // guarded by the queue's lock while queued
export const TASK_QUEUE_NEXT = 20;
export const TASK_QUEUE_PREV = 24;
export const TASK_PAYLOAD = 28; // block of the encoded call
export const TASK_RESULT = 32; // block of the encoded result or error, 0 for undefined
export const TASK_OUTCOME = 36; // OUTCOME_…, valid once the state says DONE
export const TASK_OWNER = 40; // slot and epoch of the thread that runs it
export const TASK_OWNER_EPOCH = 44;
export const TASK_JOINER = 48; // slot and epoch of the thread that started it and will collect it
export const TASK_JOINER_EPOCH = 52;
export const TASK_STATE = 60; // control
export const TASK_STARTED = 64; // 8 bytes: milliseconds since the epoch, written by the owner

export const TASK_FREE = 0;
export const TASK_QUEUED = 1;
export const TASK_RUNNING = 2;
export const TASK_DONE = 3;

export const OUTCOME_RESULT = 0;
export const OUTCOME_ERROR = 1;
export const OUTCOME_DIED = 2;
export const OUTCOME_CANCELLED = 3;
