// The transitions: the only code that changes shared structures. Each export is loop-free and calls nothing, so V8 cannot stop a thread inside it
// (docs/core.md, docs/platform.md); scripts/check-bytes.ts holds the compiled bytes to that.

export { cancel, chanClaim, chanFree, chanMake, chanOp, close, tryRecv, trySend, unlink } from "./channel";
export { blockAlloc, blockFree, sweepBlock } from "./heap";
export { fence, opChunk, slotClose, slotOpen, sweepChunk } from "./slot";
export { sweepSlot, taskCancel, taskCollect, taskFail, taskFinish, taskGo, taskKick, taskReserve, taskTake } from "./task";
