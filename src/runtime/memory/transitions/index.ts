// The transitions: the only code that changes shared structures. Each export is loop-free and calls nothing, so V8 cannot stop a thread inside it
// (docs/core.md, docs/platform.md); scripts/check-bytes.js holds the compiled bytes to that.

export { bucketGive, bucketSet, bucketTake } from "./bucket";
export { cancel, chanOp, tryRecv, trySend, unlink } from "./channel";
export { tryRecvMany, trySendMany } from "./channel-bulk";
export { chanClaim, chanFree, chanMake, close } from "./channel-life";
export { blockAlloc, blockFree, sweepBlock } from "./heap";
export { keyDrop, keyTake } from "./key";
export { leaseLook, leasePut, leaseReturn, leaseServe, leaseTake } from "./lease";
export { leaseAck, leaseDrop, leaseJob } from "./lease-job";
export { leaseClose, leaseFree, leaseMake } from "./lease-life";
export { schemaAdd } from "./schema";
export { fence, opChunk, slotClose, slotOpen, sweepChunk, sweepSlot } from "./slot";
export { syncAcquire, syncAdd, syncRelease, syncServe, syncSignal } from "./sync";
export { numberDo, syncClose, syncFree, syncKeep, syncMake } from "./sync-life";
export { taskCancel, taskCollect, taskFail, taskFinish, taskGo, taskKick, taskReserve, taskTake } from "./task";
