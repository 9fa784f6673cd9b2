// The types of the patterns, held to by the compiler (`npm run check`); what runs here is only that the lines exist.

import { expectTypeOf, it } from "vitest";
import {
  type Beating,
  type CLOSED,
  type Context,
  type ErrorGroup,
  type FanOut,
  fanOut,
  type Healed,
  heartbeat,
  type Job,
  type Loan,
  type ModuleRef,
  objectPool,
  type Pipeline,
  type Pulse,
  pipeline,
  queue,
  type RateLimited,
  type Runtime,
  range,
  rateLimit,
  replicated,
  type Sender,
  steward,
  type Tap,
  tee,
} from "../../src/index.ts";

declare const rt: Runtime;
declare const jobs: ModuleRef<{
  parse(path: string, ctx: Context): Promise<{ size: number }>;
  parts(value: { size: number }): AsyncGenerator<bigint>;
  check(value: number): void;
}>;
declare const beats: ModuleRef<{
  render(n: number, pulse: Pulse<{ row: number }>, ctx: Context): string;
  ward(name: string, out: Sender<bigint>, pulse: Pulse, ctx: Context): Promise<void>;
}>;
declare const group: ErrorGroup;

it("are those of the functions, end to end", () => {
  const never = () => {
    const parsed = pipeline(rt, ["a"]).map(jobs.parse, { width: 2, key: (path) => path.length });
    expectTypeOf(parsed).toEqualTypeOf<Pipeline<{ size: number }>>();
    expectTypeOf(parsed.flatMap(jobs.parts)).toEqualTypeOf<Pipeline<bigint>>();
    expectTypeOf(parsed.filter((value) => value.size > 1).batch(3)).toEqualTypeOf<Pipeline<{ size: number }[]>>();
    expectTypeOf(fanOut(rt, new Set(["a"]), jobs.parse)).toEqualTypeOf<FanOut<{ size: number }>>();
    expectTypeOf(tee(range(3)).tap()).toEqualTypeOf<Tap<number>>();
    group.go(jobs.parse, "path"); // the context is given, not passed
    const beating = heartbeat(rt).go(beats.render, 3);
    expectTypeOf(beating).toEqualTypeOf<Beating<string, { row: number }>>();
    expectTypeOf(steward(rt).ward(beats.ward, "in")).toEqualTypeOf<Healed<bigint>>();
    expectTypeOf(replicated(rt, jobs.parse).request("a").result).toEqualTypeOf<Promise<{ size: number }>>();
    expectTypeOf(rateLimit(["a"], rt.sync.limiter({ perSecond: 1, burst: 1 }))).toEqualTypeOf<RateLimited<string>>();
    expectTypeOf(queue<{ path: string }>(rt, { capacity: 1 }).take()).toEqualTypeOf<Promise<Job<{ path: string }> | typeof CLOSED>>();
    expectTypeOf(objectPool({ create: async () => new Map<string, number>() }).get()).toEqualTypeOf<Promise<Loan<Map<string, number>>>>();
    // @ts-expect-error: render takes a number
    heartbeat(rt).go(beats.render, "three");
    // @ts-expect-error: ward takes a text before what it is given
    steward(rt).ward(beats.ward);
    // @ts-expect-error: parse takes a text
    replicated(rt, jobs.parse).request(5);
    // @ts-expect-error: parse takes a text
    pipeline(rt, [1]).map(jobs.parse);
    // @ts-expect-error: parse takes a text
    fanOut(rt, range(3), jobs.parse);
    // @ts-expect-error: check takes a number
    group.go(jobs.check, "text");
    // @ts-expect-error: an argument is missing
    group.go(jobs.parse);
    // @ts-expect-error: no such option
    fanOut(rt, ["a"], jobs.parse, { threads: 3 });
  };
  expectTypeOf(never).toBeFunction();
});
