export { Lease } from "./lease.ts";
export { LeasedQueue, type LeasedQueueOptions } from "./leased-queue.ts";
export { withdraw as withdrawLeased } from "./leased-record.ts";
export { sweepLeases } from "./sweep.ts";
