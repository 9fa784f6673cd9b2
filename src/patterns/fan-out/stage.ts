// A stage: functions that follow each other, and the workers that run them.

import type { Context } from "../../runtime/context/index.ts";
import { invalidArg } from "../../runtime/errors.ts";
import { isReference, nameOf } from "../../workers/module-ref.ts";
import type { Runtime } from "../../workers/runtime.ts";
import type { Source } from "../source.ts";
import { FanOut } from "./fan-out.ts";
import type { Parallel } from "./settings.ts";
import type { Step } from "./steps.ts";
import type { StepKind, WorkSettings } from "./wire.ts";
import { LocalWorker, ThreadWorker, type WorkerHooks } from "./worker.ts";

/** A function of a module reference, or of this thread. */
export interface StageStep {
  readonly kind: StepKind;
  readonly fn: Step["fn"];
  readonly isReference: boolean;
}

/** Throws: ERR_INVALID_ARG. */
export function stageStep(what: string, kind: StepKind, fn: unknown): StageStep {
  if (typeof fn !== "function") throw invalidArg(what, "a function of rt.module(...), or one of this thread", fn);
  return { kind, fn: fn as Step["fn"], isReference: isReference(fn) };
}

/** Steps of one kind, all of module references or all of this thread. */
export function stage<T>(rt: Runtime, source: Source<unknown>, steps: readonly StageStep[], parallel: Parallel): FanOut<T> {
  const settings: WorkSettings = { retry: parallel.retry, stopsAtFailure: parallel.otherwise === "fail" };
  const names = steps.map(({ kind, fn }) => ({ kind, ...(isReference(fn) ? nameOf(fn) : { url: "", name: fn.name || "(anonymous)" }) }));
  const local = steps.map(({ kind, fn }, i): Step => ({ kind, fn, name: names[i]!.name }));
  const { dedicated, prefetch } = parallel;
  const hire = (hooks: WorkerHooks, ctx: Context) =>
    steps[0]?.isReference
      ? new ThreadWorker(rt, ctx, names, settings, dedicated, 1 + prefetch, hooks)
      : new LocalWorker(ctx, local, settings, hooks);
  const name = names.map((step) => step.name).join(" → ");
  return new FanOut(name, source, parallel, () => (parallel.ctx ?? rt.background).withCancel(), hire);
}
