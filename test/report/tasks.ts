/** What runs on the threads of the recorder's tests. */
import type { LeasedQueue, Receiver, Sender } from "../../src/index.ts";

export function square(n: number): number {
  return n * n;
}

export async function produce(out: Sender<number>, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await out.send(i);
  out.close();
}

export async function produceMany(out: Sender<number>, count: number): Promise<void> {
  await out.sendMany(Float64Array.from({ length: count }, (_, i) => i));
  out.close();
}

export async function sum(values: Receiver<number>): Promise<number> {
  let total = 0;
  for await (const value of values) total += value;
  return total;
}

export function* upTo(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i;
}

export async function work(jobs: LeasedQueue<number>): Promise<number> {
  let done = 0;
  for await (const lease of jobs) {
    done++;
    lease.ack();
  }
  return done;
}

export function fail(): never {
  throw new RangeError("as it should");
}

export function die(): void {
  process.exit(3);
}
