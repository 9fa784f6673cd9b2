// A stage: functions that follow each other, and the workers that run them.

import { invalidArg } from "../../runtime/errors.ts";
import { isReference, nameOf } from "../../workers/module-ref.ts";
import type { Runtime } from "../../workers/runtime.ts";
import type { Source } from "../source.ts";
import { FanOut } from "./fan-out.ts";
import type { Parallel } from "./settings.ts";
import type { Step } from "./steps.ts";
import type { StepKind, WorkSettings } from "./wire.ts";
import { LocalWorker, ThreadWorker } from "./worker.ts";

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
  const settings: WorkSettings = {
    retry: parallel.retry,
    stopsAtFailure: parallel.otherwise === "fail",
    isHeld: parallel.retry > 0 || parallel.batch > 1,
  };
  if (!steps[0]?.isReference) {
    const local = steps.map(({ kind, fn }): Step => ({ kind, fn, name: fn.name || "(anonymous)" }));
    return new FanOut(nameOfStage(local), source, parallel, (hooks) => new LocalWorker(local, settings, hooks));
  }
  const names = steps.map(({ kind, fn }) => ({ kind, ...nameOf(fn) }));
  const depth = 1 + parallel.prefetch;
  return new FanOut(
    nameOfStage(names),
    source,
    parallel,
    (hooks) => new ThreadWorker(rt, names, settings, parallel.dedicated, depth, hooks),
  );
}

function nameOfStage(steps: readonly { readonly name: string }[]): string {
  return steps.map(({ name }) => name).join(" → ");
}
