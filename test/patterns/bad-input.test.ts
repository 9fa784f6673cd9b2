// Bad input to every public call of the patterns: a coded error that says what was expected and what came, and nothing is left hanging.

import { expect, it } from "vitest";
import { bridge, errorGroup, f64, fanIn, fanOut, from, or, orDone, pipeline, range, repeatFn, take, tee } from "../../src/index.ts";
import { failureOf, onThreads } from "./support.ts";

const BAD = [null, 5, "text", true, Symbol("s"), Number.NaN];

onThreads("bad input", [0], (bench) => {
  it("in place of the runtime, an input, a function, options", async () => {
    const { rt, jobs } = bench;
    const calls: ((bad: never) => unknown)[] = [
      (bad) => fanOut(bad, [], jobs.double),
      (bad) => fanOut(rt, [], jobs.double, bad),
      (bad) => pipeline(bad, []),
      (bad) => pipeline(rt, [], bad),
      (bad) => pipeline(rt, [1]).map(bad),
      (bad) => pipeline(rt, [1]).filter(bad),
      (bad) => pipeline(rt, [1]).flatMap(bad),
      (bad) => pipeline(rt, [1]).batch(bad === 5 ? (0 as never) : bad),
      (bad) => pipeline(rt, [1]).take(bad === 5 ? (-1 as never) : bad),
      (bad) => fanIn(bad === "text" ? (5 as never) : bad),
      (bad) => fanIn([], bad),
      (bad) => or(bad),
      (bad) => or([], bad),
      (bad) => orDone([], bad),
      (bad) => tee([], bad),
      (bad) => tee([]).tap(bad),
      (bad) => tee([]).tap({ policy: bad }),
      (bad) => bridge([], bad),
      (bad) => bridge([], { width: bad === 5 ? (0 as never) : bad }),
      (bad) => errorGroup(bad),
      (bad) => errorGroup(rt, bad),
      (bad) => errorGroup(rt, { mode: bad }),
      (bad) => repeatFn(bad),
      (bad) => take([], bad === 5 ? (-1 as never) : bad),
      (bad) => range(bad === 5 ? (Number.NaN as never) : bad),
      (bad) => fanOut(rt, bad === "text" ? (5 as never) : bad, jobs.double),
      (bad) => pipeline(rt, bad === "text" ? (5 as never) : bad),
      (bad) => from(bad === "text" ? (5 as never) : bad),
      (bad) => tee(bad === "text" ? (5 as never) : bad),
      (bad) => bridge(bad === "text" ? (5 as never) : bad),
    ];
    for (const [i, call] of calls.entries()) {
      for (const bad of BAD) {
        let thrown: unknown;
        try {
          call(bad as never);
        } catch (error) {
          thrown = error;
        }
        const what = `call ${i}, ${String(call)}, with ${String(bad)}`;
        expect(thrown, what).toMatchObject({ code: "ERR_INVALID_ARG", message: expect.stringMatching(/expected .*, got /) });
      }
    }
    for (const bad of BAD) {
      expect(await failureOf(from([1]).into(bad as never))).toMatchObject({ code: "ERR_INVALID_ARG" });
      const out = rt.channel(f64, 4);
      expect(await failureOf(from([1]).into(out.sender, bad as never))).toMatchObject({ code: "ERR_INVALID_ARG" });
      out.close();
    }
  });
});
