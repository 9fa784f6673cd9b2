/**
 * Clock: nanoseconds that agree between threads.
 */
export function nowNs(): number {
  return Number(process.hrtime.bigint());
}
