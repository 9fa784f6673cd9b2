// Compile-time checks of pools, made by `npm run check`: what a call takes and gives. Never run.

import { type Channel, call, type Receiver, type Runtime } from "../../src/index.ts";

declare const rt: Runtime;
declare const numbers: Channel<number>;

interface Jobs {
  hash(bytes: Uint8Array, rounds?: number): string;
  later(n: number): Promise<{ n: number }>;
  never(): never;
  rows(query: string): AsyncGenerator<{ id: number }>;
  channel(): Receiver<number>;
  ends(input: Receiver<number>): void;
  callback(then: (n: number) => void): void;
  version: string;
}

const jobs = rt.module<Jobs>("file:///jobs.js");
const pool = rt.pool(jobs, { threads: 2, setUp: call(jobs.later, 1), lanes: { quick: { reserved: 1 } } });

// What a call gives.
const hashed: Promise<string> = pool.call.hash(new Uint8Array(), 2);
const late: Promise<{ n: number }> = pool.with({ priority: 1, lane: "quick", runTimeoutMs: 5 }).call.later(1);
const ends: Promise<never> = pool.call.never();
const given: Promise<Receiver<number>> = pool.call.channel();
const none: Promise<void> = pool.call.ends(numbers.receiver);
const rows: AsyncGenerator<{ id: number }, void, undefined> = pool.stream.rows("all");
export const uses = [hashed, late, ends, given, none, rows];

// A misspelt call, and what is no function.
// @ts-expect-error
pool.call.hsah(new Uint8Array());
// @ts-expect-error
pool.call.version();
// @ts-expect-error
pool.with({}).call.missing();

// Wrong arguments.
// @ts-expect-error
pool.call.hash("text");
// @ts-expect-error
pool.call.hash();
// @ts-expect-error
pool.call.hash(new Uint8Array(), 1, 2);
// @ts-expect-error
pool.stream.rows(1);

// What cannot be sent.
// @ts-expect-error
pool.call.callback((n: number) => void n);

// Many values are a stream, one is a call.
// @ts-expect-error
pool.call.rows("all");
// @ts-expect-error
pool.stream.hash(new Uint8Array());

// Wrong options.
// @ts-expect-error
rt.pool(jobs, { thread: 2 });
// @ts-expect-error
rt.pool(jobs, { whenFull: "explode" });
// @ts-expect-error
pool.with({ timeoutMs: 5 });
