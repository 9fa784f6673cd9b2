// Compile-time checks of services, made by `npm run check`: what a call takes and gives. Never run.

import { type Channel, type Context, type Live, proxy, type Receiver, type Remote, type Runtime } from "../../src/index.ts";

declare const rt: Runtime;
declare const numbers: Channel<number>;
declare const ctx: Context;

class Account {
  balance = 1;
  deposit(n: number): number {
    return this.balance + n;
  }
}

interface Api {
  start(): Promise<void>;
  stop(): void;
  version: string;
  add(a: number, b?: number): number;
  record(value: { at: Date; tags: Set<string>; raw: Uint8Array }): Promise<{ ok: boolean }>;
  ends(input: Receiver<number>, both: Channel<number>, work: Context): void;
  watch(tell: (n: number) => void): void;
  asks(options: { name: string; ask: (what: string) => Promise<string> }): void;
  synchronous(compute: (n: number) => number): void;
  until(signal: AbortSignal): void;
  request(options: { url: string; signal?: AbortSignal }): string;
  promised(value: Promise<number>): void;
  weak(value: { map: WeakMap<object, number> }): void;
  symbol(value: symbol): void;
  sum(values: AsyncIterable<number>): number;
  list(): AsyncGenerator<string, void, undefined>;
  listLater(): Promise<AsyncIterable<string>>;
  open(): Live<Account>;
  close(account: Remote<Account>): void;
  call(fn: Remote<(n: number) => string>): void;
  maker(): (n: number) => string;
  anything(value: unknown): unknown;
  channel(): Receiver<number>;
}

const service = rt.supervise().service<Api>("file:///api.js", { idempotent: ["add", "list"] });

// What can cross compiles, and results keep their types.
service.call.add(1).then((n: number) => n);
service.call.add(1, 2);
service.call.record({ at: new Date(), tags: new Set(["a"]), raw: new Uint8Array(1) }).then((r: { ok: boolean }) => r);
service.call.ends(numbers.receiver, numbers, ctx);
service.call.watch((n: number) => void n);
service.call.watch(async (n) => void n);
service.call.asks({ name: "a", ask: async (what) => what });
service.call.until(new AbortController().signal);
service.call.request({ url: "a", signal: new AbortController().signal });
service.call.sum(
  (async function* () {
    yield 1;
  })(),
);
service.call.open().then((account: Remote<Account>) => account.deposit(1).then((n: number) => n));
service.call.open().then((account) => account.balance.then((n: number) => n));
service.call.close(proxy(new Account()));
service.call.call((n: number) => String(n));
service.call.maker().then((fn) => fn(1).then((text: string) => text));
service.call.anything({ any: 1 });
service.call.channel().then((receiver: Receiver<number>) => receiver.tryRecv());
service.with({ timeoutMs: 5, ctx }).call.add(1);
export async function iterate(): Promise<void> {
  for await (const text of service.call.list()) text.toUpperCase();
  for await (const text of await service.call.list()) text.toUpperCase();
  for await (const text of service.call.listLater()) text.toUpperCase();
}

// @ts-expect-error a misspelt call
service.call.ad(1);
// @ts-expect-error what is no function
service.call.version;
// @ts-expect-error a hook is the service's own affair
service.call.start();
// @ts-expect-error the wrong type of argument
service.call.add("1");
// @ts-expect-error an argument too many
service.call.add(1, 2, 3);
// @ts-expect-error an argument missing
service.call.add();
// @ts-expect-error a promise cannot cross
service.call.promised(Promise.resolve(1));
// @ts-expect-error nor a weak collection inside an object
service.call.weak({ map: new WeakMap() });
// @ts-expect-error nor a symbol
service.call.symbol(Symbol("a"));
// @ts-expect-error a callback's result is a promise on the other thread, and the service must say so
service.call.synchronous((n: number) => n);
// @ts-expect-error a live object must be marked
service.call.close(new Account());
// @ts-expect-error a result is a promise
service.call.add(1).toFixed();
// @ts-expect-error what is no stream cannot be iterated
export const iterated: AsyncIterable<number> = service.call.add(1);
// @ts-expect-error a misspelt name among those that may run twice
rt.supervise().service<Api>("file:///api.js", { idempotent: ["ad"] });
// @ts-expect-error a strategy that is none
rt.supervise({ strategy: "one-for-two" });
