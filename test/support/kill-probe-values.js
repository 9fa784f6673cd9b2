// The kill probe's work on values wider than a word: bulk doors, channels of cells (24 bytes, copied) and of blocks (whose ownership moves), schemas.
// Each value carries its number more than once, so that a copy cut in half would be seen.

export const CELL_BYTES = 24;
const MANY = 12;
const MOST_SCHEMAS = 60;

/**
 * `probe`: what a worker of the probe knows (heap views, call, pick, value, seen …). `words`, `cells` and `blocks` are lists of { at, which }: fixed
 * channels and their place in the worker's notes.
 */
export function valueWork(probe, { words, cells, blocks }) {
  const { L, slot, epoch, u32, i32, f64, call, pick, value, seen, answer, ops, finished, drain, dawdle } = probe;
  const oneOf = (list) => list[pick(list.length)];
  const alloc = (bytes) => (call("blockAlloc", slot, epoch, bytes) === L.OK ? answer() : 0);
  const desk = alloc(MANY * CELL_BYTES);

  function write(address, number) {
    f64[address >> 3] = number;
    f64[(address >> 3) + 1] = -number;
  }
  function read(which, address, isCell) {
    const at = address >> 3;
    if (f64[at + 1] !== -f64[at] || (isCell && f64[at + 2] !== f64[at] / 2))
      throw new Error(`torn: channel ${which} delivered ${f64.slice(at, at + 3)}`);
    seen(which, f64[at]);
  }
  function writeCell(address, number) {
    write(address, number);
    f64[(address >> 3) + 2] = number / 2;
  }

  /** One case of one operation, tried or waited for a while; `payload` is a block, or the address of a cell. Answers OK, FENCED, or that it did not happen. */
  function attempt(at, direction, payload) {
    const op = ops.pop();
    const node = op + L.OP_NODE;
    u32[(node + L.NODE_OP) >> 2] = op;
    u32[(node + L.NODE_KIND) >> 2] = direction;
    u32[(node + L.NODE_VALUE) >> 2] = payload;
    Atomics.store(i32, (op + L.OP_STATE) >> 2, L.OP_IDLE);
    const mode = pick(4) ? L.LINK : 0;
    let status = L.AGAIN;
    while (status === L.AGAIN) status = call("chanOp", at, 0, slot, epoch, node, mode);
    if (status === L.REFUSED) throw new Error("torn: a block that was ours is not");
    if (status === L.PARKED) {
      for (let looks = pick(60); looks > 0 && !finished.has(op); looks--) drain();
      if (!finished.has(op) && call("cancel", op) === L.FIRED) while (!finished.has(op)) drain();
      status = finished.delete(op) ? L.OK : L.NONE;
      if (status === L.NONE && call("unlink", at, slot, epoch, node) === L.FENCED) return { status: L.FENCED }; // the sweep's now
    }
    const received = u32[(op + L.OP_VALUE) >> 2];
    if (status !== L.FENCED) ops.push(op);
    return { status, received };
  }

  return [
    function sendMany() {
      const { at } = oneOf([...words, ...cells]);
      const isCell = cells.some((one) => one.at === at);
      const count = 1 + pick(MANY);
      for (let i = 0; i < count; i++) {
        if (isCell) writeCell(desk + L.BLOCK_HEADER + i * CELL_BYTES, value());
        else f64[((desk + L.BLOCK_HEADER) >> 3) + i] = value();
      }
      call("trySendMany", at, 0, slot, epoch, desk + L.BLOCK_HEADER, count);
    },
    function recvMany() {
      const { at, which } = oneOf([...words, ...cells]);
      const isCell = cells.some((one) => one.at === at);
      if (call("tryRecvMany", at, 0, slot, epoch, desk + L.BLOCK_HEADER, 1 + pick(MANY)) !== L.OK) return;
      const count = answer();
      dawdle();
      for (let i = 0; i < count; i++) {
        if (isCell) read(which, desk + L.BLOCK_HEADER + i * CELL_BYTES, true);
        else seen(which, f64[((desk + L.BLOCK_HEADER) >> 3) + i]);
      }
    },
    function cell() {
      const { at, which } = oneOf(cells);
      const block = alloc(CELL_BYTES);
      if (block === 0) return;
      const direction = pick(2);
      if (direction === L.SENDING) writeCell(block + L.BLOCK_HEADER, value());
      const { status } = attempt(at, direction, block + L.BLOCK_HEADER);
      if (status === L.FENCED) return;
      if (status === L.OK && direction === L.RECEIVING) read(which, block + L.BLOCK_HEADER, true);
      call("blockFree", slot, epoch, block);
    },
    function sendBlock() {
      const block = alloc(16 + pick(pick(10) ? 300 : 9_000));
      if (block === 0) return;
      write(block + L.BLOCK_HEADER, value());
      dawdle();
      const { status } = attempt(oneOf(blocks).at, L.SENDING, block);
      if (status !== L.OK && status !== L.FENCED) call("blockFree", slot, epoch, block);
    },
    function recvBlock() {
      const { at, which } = oneOf(blocks);
      const { status, received } = attempt(at, L.RECEIVING, 0);
      if (status !== L.OK) return;
      read(which, received + L.BLOCK_HEADER, false);
      dawdle();
      call("blockFree", slot, epoch, received);
    },
    function schema() {
      const known = Atomics.load(i32, (L.SCHEMAS_AT + L.SCHEMA_WORD) >> 2) >>> 1;
      if (known >= MOST_SCHEMAS || pick(100)) return;
      const block = alloc(32);
      if (block !== 0 && call("schemaAdd", slot, epoch, block, known) !== L.OK) call("blockFree", slot, epoch, block);
    },
  ];
}
