// Compile-time checks, made by `npm run check`: what cannot cross threads does not compile where types can tell. Never run.

import {
  type Channel,
  f64,
  type Receiver,
  type Runtime,
  type Sendable,
  type Sender,
  struct,
  structured,
  u32,
  utf8,
} from "../../src/index.ts";

declare const rt: Runtime;
declare const numbers: Channel<number>;

interface Jobs {
  plain(n: number, text?: string): number;
  record(value: { at: Date; tags: Set<string>; by: Map<string, number[]>; raw: Uint8Array; error: Error }): void;
  ends(out: Sender<number>, input: Receiver<number>, both: Channel<number>): void;
  list(...values: { id: number }[]): void;
  anything(value: unknown): void;
  callback(then: (n: number) => void): void;
  nested(options: { onDone: () => void; id: number }): void;
  promised(value: Promise<number>): void;
}
class Account {
  balance = 1;
  deposit(n: number): void {
    this.balance += n;
  }
}
const jobs = rt.module<Jobs>("file:///jobs.js");

// What can be sent compiles, and results keep their types.
rt.go(jobs.plain, 1).then((n: number) => n);
rt.go(jobs.plain, 1, "a");
rt.go(jobs.record, { at: new Date(), tags: new Set(["a"]), by: new Map([["a", [1]]]), raw: new Uint8Array(1), error: new RangeError() });
rt.go(jobs.ends, numbers.sender, numbers.receiver, numbers);
rt.go(jobs.list, { id: 1 }, { id: 2 });
rt.go(jobs.anything, { any: 1 });
rt.channel(structured<{ a: number; b: Map<string, Date> }>(), 1).trySend({ a: 1, b: new Map() });
rt.channel(struct({ id: u32, at: f64 }), 1).trySend({ id: 1, at: 2 });
const received: { id: number; at: number } | symbol = rt.channel(struct({ id: u32, at: f64 }), 1).tryRecv();
export const whole: Sendable<{ a: [number, string] }> = { a: [1, "b"] };
export type Kept = typeof received;

// @ts-expect-error a misspelt function
rt.go(jobs.plian, 1);
// @ts-expect-error the wrong type of argument
rt.go(jobs.plain, "1");
// @ts-expect-error an argument too many
rt.go(jobs.plain, 1, "a", 2);
// @ts-expect-error a function cannot cross
rt.go(jobs.callback, (n: number) => void n);
// @ts-expect-error nor one inside an object
rt.go(jobs.nested, { onDone: () => undefined, id: 1 });
// @ts-expect-error nor a promise
rt.go(jobs.promised, Promise.resolve(1));
// @ts-expect-error an object of a class with methods would arrive without them
rt.channel(structured<Account>(), 1).trySend(new Account());
// @ts-expect-error a symbol cannot cross
rt.channel(structured<{ key: symbol }>(), 1).trySend({ key: Symbol("a") });
// @ts-expect-error the field's type
rt.channel(struct({ id: u32 }), 1).trySend({ id: "1" });
// @ts-expect-error a field is missing
rt.channel(struct({ id: u32, at: f64 }), 1).trySend({ id: 1 });
// @ts-expect-error text has no fixed size
struct({ name: utf8 });
// @ts-expect-error only channels of bytes are written in place
numbers.reserve(8);
// @ts-expect-error only channels of bytes are written in place
numbers.sender.reserve(8);
