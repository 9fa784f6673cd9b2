// The kill probe's own shared memory, apart from the heap under test: the pause flag, one line a worker, and how often each transition was called.

/** Names of the transitions the workers count. */
export const CALLS = [
  "trySend",
  "tryRecv",
  "trySendMany",
  "tryRecvMany",
  "chanOp",
  "unlink",
  "cancel",
  "close",
  "chanMake",
  "chanFree",
  "chanClaim",
  "blockAlloc",
  "blockFree",
  "opChunk",
  "schemaAdd",
  "taskReserve",
  "taskGo",
  "taskTake",
  "taskFinish",
  "taskCancel",
  "taskCollect",
];

/** Word indices. */
export const BOARD = { PAUSE: 0, LIVES: 1, WORKERS: 16, PER_WORKER: 16, COUNT: 1_024 };

const CALLS_AT = (BOARD.WORKERS + BOARD.PER_WORKER * BOARD.COUNT) * 4;

export const BOARD_BYTES = CALLS_AT + CALLS.length * 8;

export function board(buffer) {
  return { i32: new Int32Array(buffer, 0, CALLS_AT >> 2), calls: new Float64Array(buffer, CALLS_AT, CALLS.length) };
}
