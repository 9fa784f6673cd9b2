// The types of the patterns, held to by the compiler (`npm run check`); what runs here is only that the lines exist.

import { expectTypeOf, it } from "vitest";
import {
  type Context,
  type ErrorGroup,
  type FanOut,
  fanOut,
  type ModuleRef,
  type Pipeline,
  pipeline,
  type Runtime,
  range,
  type Tap,
  tee,
} from "../../src/index.ts";

declare const rt: Runtime;
declare const jobs: ModuleRef<{
  parse(path: string, ctx: Context): Promise<{ size: number }>;
  parts(value: { size: number }): AsyncGenerator<bigint>;
  check(value: number): void;
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
