// Walks a whole heap between two transitions (every thread paused) and names everything that is held or torn. Knows the structures from layout.ts only.

import { addresses, blockClassBytes, records } from "./kill-probe-load.js";

/** Locks held, as readable lines; empty when nobody is inside a transition. */
export function heldLocks(L, memory) {
  const at = addresses(L);
  const i32 = new Int32Array(memory.buffer);
  const u32 = new Uint32Array(memory.buffer);
  const held = [];
  const look = (address, name) => {
    if (Atomics.load(i32, address >> 2) & 1) held.push(name);
  };
  look(L.BUMP_AT + L.BUMP_LOCK, "bump lock");
  look(L.SCHEMAS_AT + L.SCHEMA_WORD, "schema word");
  for (const queue of at.queues) look(queue + L.QUEUE_LOCK, `queue lock ${queue}`);
  for (let i = 0; i < L.CLASS_COUNT; i++) look(at.home(i) + L.CLASS_LOCK, `class lock ${i}`);
  for (let i = 0; i < L.SLOT_COUNT; i++) look(at.slot(i) + L.SLOT_LOCK, `slot lock ${i}`);
  for (const channel of records(u32, L, L.KIND_CHANNEL, L.CHANNEL_SIZE)) {
    look(channel + L.CHANNEL_SEND_WORD, `send word of channel ${channel}`);
    look(channel + L.CHANNEL_RECV_WORD, `recv word of channel ${channel}`);
  }
  for (const record of records(u32, L, L.KIND_SYNC, L.SYNC_SIZE)) look(record + L.SYNC_LOCK, `lock of sync record ${record}`);
  return held;
}

/** Everything inconsistent in the heap, as readable lines. */
export function tornStructures(L, memory) {
  const at = addresses(L);
  const i32 = new Int32Array(memory.buffer);
  const u32 = new Uint32Array(memory.buffer);
  const torn = [];
  const expect = (holds, text) => {
    if (!holds && torn.length < 20) torn.push(text);
  };
  const word = (address) => u32[address >> 2];
  const ringSlot = (channel, index) => word(channel + L.CHANNEL_BUFFER) + L.BLOCK_HEADER + (index & word(channel + L.CHANNEL_MASK)) * 8;
  const blocks = new Map(); // address → where it was found
  const perClass = new Array(L.CLASS_COUNT).fill(0);
  const opOwner = new Map(); // every operation of every slot's chunks

  function block(address, where) {
    expect(!blocks.has(address), `block ${address} is in two places: ${blocks.get(address)} and ${where}`);
    blocks.set(address, where);
    expect(
      address >= L.RECORDS_AT && address < word(L.BUMP_AT + L.BUMP_NEXT) && address % 8 === 0,
      `block ${address} (${where}) lies outside`,
    );
    if (word(address + L.BLOCK_CLASS) < L.BLOCK_CLASSES) perClass[word(address + L.BLOCK_CLASS)]++;
    else expect(false, `block ${address} (${where}) has class ${word(address + L.BLOCK_CLASS)}`);
  }

  /** A doubly linked list; calls `each` for every member. Answers how many. */
  function list(head, tail, prev, next, name, each) {
    let before = 0;
    let count = 0;
    for (let member = head; member !== 0; member = word(member + next)) {
      expect(word(member + prev) === before, `${name}: ${member} points back to ${word(member + prev)}, expected ${before}`);
      each(member);
      before = member;
      if (++count > 1_000_000) {
        expect(false, `${name}: a cycle`);
        break;
      }
    }
    if (tail !== undefined) expect(tail === before, `${name}: the tail is ${tail}, expected ${before}`);
    return count;
  }

  let reserved = 0;
  const intents = new Set();
  for (let index = 0; index < L.SLOT_COUNT; index++) {
    const slot = at.slot(index);
    const name = `slot ${index}`;
    list(word(slot + L.SLOT_BLOCKS), undefined, L.BLOCK_PREV, L.BLOCK_NEXT, `${name}, private blocks`, (member) => {
      block(member, `${name}, private`);
      expect(word(member + L.BLOCK_OWNER) === slot, `${name}: its block ${member} has owner ${word(member + L.BLOCK_OWNER)}`);
    });
    for (let chunk = word(slot + L.SLOT_CHUNKS); chunk !== 0; chunk = word(chunk + L.CHUNK_NEXT)) {
      expect(!opOwner.has(chunk + L.LINE), `${name}: chunk ${chunk} twice`);
      if (opOwner.has(chunk + L.LINE)) break;
      perClass[L.KIND_OP_CHUNK]++;
      for (let i = 0; i < L.OPS_PER_CHUNK; i++) opOwner.set(chunk + L.LINE + i * L.OP_SIZE, slot);
    }
    const state = Atomics.load(i32, (slot + L.SLOT_STATE) >> 2);
    expect(state <= L.SLOT_RETIRED, `${name}: state ${state}`);
    if (state === L.SLOT_FREE)
      expect(word(slot + L.SLOT_IDLE_QUEUE) === 0 && word(slot + L.SLOT_INTENT) === 0, `${name}: free, and idle or closing`);
    reserved += word(slot + L.SLOT_RESERVED);
    if (word(slot + L.SLOT_INTENT) !== 0) intents.add(word(slot + L.SLOT_INTENT));
  }

  const schemas = Atomics.load(i32, (L.SCHEMAS_AT + L.SCHEMA_WORD) >> 2) >>> 1;
  for (let i = 0; i < schemas; i++) block(word(L.SCHEMAS_AT + L.SCHEMA_TABLE + i * 4), `schema ${i}`);

  for (const channel of records(u32, L, L.KIND_CHANNEL, L.CHANNEL_SIZE)) channelOf(channel);
  for (const record of records(u32, L, L.KIND_SYNC, L.SYNC_SIZE)) syncOf(record);

  function syncOf(record) {
    const name = `sync record ${record}`;
    if (word(record + L.SYNC_LIVE) === 0) return;
    perClass[L.KIND_SYNC]++;
    let before = 0;
    for (let node = word(record + L.SYNC_HEAD); node !== 0; node = word(node + L.NODE_NEXT)) {
      expect(word(node + L.NODE_PREV) === before, `${name}: its queue is torn`);
      expect(word(node + L.NODE_SYNC) === record && word(node + L.NODE_HELD) === 0, `${name}: a node in its queue does not wait there`);
      if (torn.length >= 20) break;
      before = node;
    }
    expect(word(record + L.SYNC_TAIL) === before, `${name}: its queue does not end at its tail`);
  }

  function channelOf(channel) {
    const name = `channel ${channel}`;
    const send = Atomics.load(i32, (channel + L.CHANNEL_SEND_WORD) >> 2) & -2;
    const recv = Atomics.load(i32, (channel + L.CHANNEL_RECV_WORD) >> 2) & -2;
    const between = (a, b) => ((a - b) >>> 0) >>> 1;
    const length = between(send, recv);
    const flags = word(channel + L.CHANNEL_FLAGS);
    const capacity = word(channel + L.CHANNEL_CAPACITY);
    const live = word(channel + L.CHANNEL_LIVE);
    expect(live <= 1, `${name}: live is ${live}`);
    if (live) {
      perClass[L.KIND_CHANNEL]++;
      if (capacity > 0) block(word(channel + L.CHANNEL_BUFFER), name);
      if (flags & L.FLAG_BLOCKS) for (let i = 0; i < length; i++) block(word(ringSlot(channel, (recv >>> 1) + i)), `${name}, its ring`);
      expect(length <= capacity, `${name}: length ${length} of ${capacity}`);
      expect(between(send, i32[(channel + L.CHANNEL_RECV_SEEN) >> 2]) <= capacity, `${name}: senders saw an index that never was`);
      expect(between(i32[(channel + L.CHANNEL_SEND_SEEN) >> 2], recv) <= length, `${name}: receivers saw an index that never was`);
    } else expect(length === 0 && flags === 0, `${name}: free, and length ${length}, flags ${flags}`);
    const waiting = { R: new Set(), S: new Set() };
    for (const [side, head, tail, flag, direction] of [
      ["R", L.CHANNEL_RECV_HEAD, L.CHANNEL_RECV_TAIL, L.FLAG_RECEIVERS, L.RECEIVING],
      ["S", L.CHANNEL_SEND_HEAD, L.CHANNEL_SEND_TAIL, L.FLAG_SENDERS, L.SENDING],
    ]) {
      const found = new Set();
      list(word(channel + head), word(channel + tail), L.NODE_PREV, L.NODE_NEXT, `${name}, queue ${side}`, (node) => {
        const op = word(node + L.NODE_OP);
        expect(
          word(node + L.NODE_CHANNEL) === channel,
          `${name}: node ${node} in queue ${side} names channel ${word(node + L.NODE_CHANNEL)}`,
        );
        expect((word(node + L.NODE_KIND) & 1) === direction, `${name}: node ${node} in queue ${side} has kind ${word(node + L.NODE_KIND)}`);
        expect(opOwner.has(op), `${name}: node ${node} belongs to no operation (${op})`);
        expect(!found.has(op), `${name}: operation ${op} twice in queue ${side}`);
        found.add(op);
        const state = Atomics.load(i32, (op + L.OP_STATE) >> 2);
        expect(state !== L.OP_LOCKED, `${name}: operation ${op} stays claimed`);
        const abandoned = Atomics.load(i32, (word(op + L.OP_SLOT) + L.SLOT_EPOCH) >> 2) !== i32[(op + L.OP_EPOCH) >> 2];
        if (state === L.OP_WAITING && !abandoned) waiting[side].add(op);
      });
      expect(found.size > 0 === ((flags & flag) !== 0), `${name}: ${found.size} in queue ${side}, flags ${flags}`);
    }
    const { R, S } = waiting;
    expect(![...R].some((op) => S.size > (S.has(op) ? 1 : 0)), `${name}: a sender and a receiver face each other asleep`);
    expect(R.size === 0 || length === 0, `${name}: ${R.size} receivers wait and ${length} values are there`);
    expect(S.size === 0 || length === capacity, `${name}: ${S.size} senders wait and ${length} of ${capacity} places are taken`);
    if (flags & L.FLAG_CLOSED)
      expect(R.size + S.size === 0 || intents.has(channel), `${name}: closed, ${R.size + S.size} asleep, nobody closing`);
  }

  const inState = [0, 0, 0, 0];
  let dedicated = 0;
  for (const task of records(u32, L, L.KIND_TASK, L.TASK_SIZE)) {
    const state = Atomics.load(i32, (task + L.TASK_STATE) >> 2);
    expect(state <= L.TASK_DONE, `task ${task}: state ${state}`);
    inState[state]++;
    if (state !== L.TASK_FREE) perClass[L.KIND_TASK]++;
    const queue = word(task + L.TASK_QUEUE);
    if ((state === L.TASK_QUEUED || state === L.TASK_RUNNING) && queue !== 0 && word(queue + L.QUEUE_LIMIT) !== 0) dedicated++;
    if (state === L.TASK_DONE && word(task + L.TASK_RESULT) !== 0) block(word(task + L.TASK_RESULT), `result of task ${task}`);
  }
  let queued = 0;
  for (const queue of at.queues) {
    const length = list(
      word(queue + L.QUEUE_HEAD),
      word(queue + L.QUEUE_TAIL),
      L.TASK_QUEUE_PREV,
      L.TASK_QUEUE_NEXT,
      `queue ${queue}`,
      (task) => {
        expect(Atomics.load(i32, (task + L.TASK_STATE) >> 2) === L.TASK_QUEUED, `queue ${queue}: task ${task} is not queued`);
        expect(word(task + L.TASK_QUEUE) === queue, `queue ${queue}: task ${task} names another`);
        block(word(task + L.TASK_PAYLOAD), `payload of task ${task}`);
      },
    );
    expect(word(queue + L.QUEUE_LENGTH) === length, `queue ${queue}: says ${word(queue + L.QUEUE_LENGTH)}, holds ${length}`);
    queued += length;
    list(word(queue + L.QUEUE_IDLE), undefined, L.SLOT_IDLE_PREV, L.SLOT_IDLE_NEXT, `queue ${queue}, idle`, (slot) => {
      expect(word(slot + L.SLOT_IDLE_QUEUE) === queue, `queue ${queue}: the idle slot ${slot} names another`);
      expect(Atomics.load(i32, (slot + L.SLOT_STATE) >> 2) === L.SLOT_LIVE, `queue ${queue}: the idle slot ${slot} is not live`);
    });
    expect(
      word(queue + L.QUEUE_LIMIT) === 0 || word(queue + L.QUEUE_BUSY) === dedicated + reserved,
      `queue ${queue}: admitted count is off`,
    );
  }
  expect(queued === inState[L.TASK_QUEUED], `${inState[L.TASK_QUEUED]} tasks are queued, the queues hold ${queued}`);
  const live = word(L.LIVE_AT + L.LIVE_TASKS);
  const accepted = inState[L.TASK_QUEUED] + inState[L.TASK_RUNNING] + inState[L.TASK_DONE];
  expect(live === accepted, `live tasks: says ${live}, found ${accepted} not yet collected`);

  const regions = []; // [start, bytes, is a chunk]: everything that was ever taken from the untouched part
  for (let index = 0; index < L.CLASS_COUNT; index++) {
    const used = word(at.home(index) + L.CLASS_USED);
    const name = `class ${index}`;
    expect(used === perClass[index], `${name}: says ${used} in use, found ${perClass[index]}`);
    const isBlock = index < L.BLOCK_CLASSES;
    const link =
      {
        [L.KIND_CHANNEL]: L.CHANNEL_FREE_NEXT,
        [L.KIND_TASK]: L.TASK_FREE_NEXT,
        [L.KIND_OP_CHUNK]: L.CHUNK_NEXT,
        [L.KIND_SYNC]: L.SYNC_FREE_NEXT,
      }[index] ?? L.BLOCK_NEXT;
    const free = new Set();
    for (let member = word(at.home(index) + L.CLASS_FREE); member !== 0; member = word(member + link)) {
      expect(!free.has(member), `${name}: ${member} twice in the free list`);
      expect(member >= L.RECORDS_AT && member < word(L.BUMP_AT + L.BUMP_NEXT), `${name}: the free list leaves the heap at ${member}`);
      expect(!blocks.has(member), `${name}: ${member} is free and in use (${blocks.get(member)})`);
      if (free.has(member) || torn.length >= 20) break;
      free.add(member);
      if (isBlock)
        expect(word(member + L.BLOCK_CLASS) === index, `${name}: a block of class ${word(member + L.BLOCK_CLASS)} in the free list`);
    }
    if (isBlock) for (const member of free) regions.push([member, blockClassBytes(index), false]);
    else {
      const size = {
        [L.KIND_CHANNEL]: L.CHANNEL_SIZE,
        [L.KIND_TASK]: L.TASK_SIZE,
        [L.KIND_OP_CHUNK]: L.OP_CHUNK_SIZE,
        [L.KIND_SYNC]: L.SYNC_SIZE,
      }[index];
      const perChunk = index === L.KIND_OP_CHUNK ? 1 : L.CHUNK_RECORDS;
      if (index !== L.KIND_OP_CHUNK) expect([...records(u32, L, index, size)].length === free.size + used, `${name}: records are lost`);
      for (let chunk = word(at.home(index) + L.CLASS_CHUNKS); chunk !== 0; chunk = word(chunk + L.CHUNK_NEXT)) {
        regions.push([chunk, L.LINE + size * perChunk, true]);
      }
    }
  }
  for (const address of blocks.keys()) regions.push([address, blockClassBytes(word(address + L.BLOCK_CLASS)), false]);
  regions.sort((a, b) => a[0] - b[0]);
  let end = L.RECORDS_AT;
  for (const [start, bytes, isChunk] of regions) {
    const gap = start - end; // a chunk is aligned to a line
    expect(isChunk ? gap >= 0 && gap < L.LINE : gap === 0, `${gap} bytes before ${start} are ${gap < 0 ? "in two places" : "lost"}`);
    end = start + bytes;
  }
  expect(end === word(L.BUMP_AT + L.BUMP_NEXT), `the heap ends at ${word(L.BUMP_AT + L.BUMP_NEXT)}, its last part at ${end}`);
  return torn;
}

/** Bytes in use by the classes' own counters, but for schemas, which stay for life. */
export function usedBytes(L, memory) {
  const at = addresses(L);
  const u32 = new Uint32Array(memory.buffer);
  const used = (index) => u32[(at.home(index) + L.CLASS_USED) >> 2];
  let bytes = used(L.KIND_CHANNEL) * L.CHANNEL_SIZE + used(L.KIND_TASK) * L.TASK_SIZE + used(L.KIND_OP_CHUNK) * L.OP_CHUNK_SIZE;
  bytes += used(L.KIND_SYNC) * L.SYNC_SIZE;
  for (let index = 0; index < L.BLOCK_CLASSES; index++) bytes += used(index) * blockClassBytes(index);
  for (let i = (u32[(L.SCHEMAS_AT + L.SCHEMA_WORD) >> 2] >>> 1) - 1; i >= 0; i--) {
    const block = u32[(L.SCHEMAS_AT + L.SCHEMA_TABLE) / 4 + i];
    bytes -= blockClassBytes(u32[(block + L.BLOCK_CLASS) >> 2]);
  }
  return bytes;
}
