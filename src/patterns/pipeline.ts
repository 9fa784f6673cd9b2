// Pipeline: stages that each take what the one before gives. Source: Concurrency in Go, ch. 4, "Pipelines" and "Some Handy Generators". The book's take
// does not see its cancellation while the source is idle, and makes up values once the source has ended; this one does neither.
//
//   source ─▶ stage: workers ─▶ stage: workers ─▶ … ─▶ reader
//             map → map → filter                       each stage pulls; leaving is return() from the last to the first
//
// Steps of one kind that follow each other with no options of their own are one stage: a value goes through them on one thread, with no channel in between.

import type { Context } from "../runtime/context/index.ts";
import { invalidArg } from "../runtime/errors.ts";
import type { Runtime } from "../workers/runtime.ts";
import { Batching } from "./batching.ts";
import { type EndOptions, laterEndOf } from "./ending.ts";
import type { FanOut } from "./fan-out/fan-out.ts";
import { checkParallel, checkRuntime, type Parallel, type ParallelOptions } from "./fan-out/settings.ts";
import { type StageStep, stage, stageStep } from "./fan-out/stage.ts";
import type { StageStats } from "./fan-out/tally.ts";
import type { StepKind } from "./fan-out/wire.ts";
import { Flow, Passing } from "./flow.ts";
import { checkCount, Taking } from "./generators.ts";
import { abortable, DONE, type Input, type Source, sourceOf } from "./source.ts";

/** How a stage is done: as fanOut(), less what ends it, which is the pipeline's. */
export type StageOptions<T> = Omit<ParallelOptions<T>, "ctx" | "signal">;

/** What a function that gives many values gives: anything iterable, or a promise of it. */
export type Many<R> = Iterable<R> | AsyncIterable<R> | Promise<Iterable<R> | AsyncIterable<R>>;

/** What is built so far: the flow up to here, or a stage that may still grow. */
type Built =
  | { readonly kind: "source"; readonly source: Source<unknown> }
  | { readonly kind: "stage"; readonly source: Source<unknown>; readonly steps: readonly StageStep[]; readonly parallel: Parallel };

const NO_OPTIONS = {};

/**
 * Starts a pipeline: `pipeline(rt, from(paths)).map(jobs.parse, { width: 4, ordered: true }).batch(64).map(jobs.sum)`, consumed with `for await` or
 * into(channel). Functions of a module reference run on threads, functions of this thread run on it.
 * Waits: never; nothing runs before the first value is asked for. A slow reader holds all stages back.
 * Threads: any thread of the runtime; values pass through it between two stages.
 * Order: a stage of width 1, the default, keeps it; wider ones with `ordered`.
 * Throws: ERR_INVALID_ARG. The iteration throws the first failure of any stage, whole, once every task of every stage has ended.
 * Cost: each stage of module references as fanOut; of functions of this thread about a microsecond an item.
 * See: Concurrency in Go, ch. 4, "Pipelines".
 */
export function pipeline<T>(rt: Runtime, input: Input<T>, options: EndOptions = NO_OPTIONS): Pipeline<T> {
  checkRuntime("pipeline", rt);
  if (typeof options !== "object" || options === null) throw invalidArg("pipeline: options", "an object { ctx, signal }", options);
  const ending = { ctx: options.ctx, signal: laterEndOf("pipeline", options) };
  return new Pipeline<T>(rt, { kind: "source", source: sourceOf("pipeline: input", input) }, ending, []);
}

/** Stages after one another, as pipeline() has begun them: each method adds one and answers the longer pipeline. Read once. Threads: the one that made it. */
export class Pipeline<T> extends Flow<T> {
  readonly #rt: Runtime;
  readonly #built: Built;
  readonly #ending: EndOptions;
  /** The stages before. */
  readonly #stages: FanOut<unknown>[];
  #flow: Flow<T> | undefined;
  #isContinued = false;

  /** @internal */
  constructor(rt: Runtime, built: Built, ending: EndOptions, stages: FanOut<unknown>[]) {
    super();
    this.#rt = rt;
    this.#built = built;
    this.#ending = ending;
    this.#stages = stages;
  }

  /** What `fn` makes of each value. */
  map<R>(fn: (value: T, ctx: Context) => R, options?: StageOptions<T>): Pipeline<Awaited<R>> {
    return this.#step("map", fn, options);
  }

  /** All values that `fn` gives for each: none, one or many, as an array, a generator or an async generator. They are passed on as they come. */
  flatMap<R>(fn: (value: T, ctx: Context) => Many<R>, options?: StageOptions<T>): Pipeline<R> {
    return this.#step("flatMap", fn, options);
  }

  /** The values for which `fn` answers something true. */
  filter(fn: (value: T, ctx: Context) => unknown, options?: StageOptions<T>): Pipeline<T> {
    return this.#step("filter", fn, options);
  }

  /** Lists of `size` values (at least 1), the last one shorter if need be. */
  batch(size: number): Pipeline<T[]> {
    if (!Number.isInteger(size) || size < 1) throw invalidArg("batch", "a whole number from 1", size);
    return this.#continue({ kind: "source", source: sourceOf("batch", new Batching(this.#source(), size)) });
  }

  /** The first `n` values (0 or more, Infinity: all); everything before is cancelled then. */
  take(n: number): Pipeline<T> {
    checkCount("take", n);
    return this.#continue({ kind: "source", source: sourceOf("take", new Taking<T>(this.#source(), n)) });
  }

  /** Of every stage, from the first to the last; a stage of several functions says what each passed on. */
  get stats(): readonly StageStats[] {
    return this.#stages.map((one) => one.stats);
  }

  #step<R>(kind: StepKind, fn: unknown, options: StageOptions<T> | undefined): Pipeline<R> {
    const step = stageStep(`${kind}: fn`, kind, fn);
    const built = this.#built;
    const joins = options === undefined && built.kind === "stage" && built.steps[0]!.isReference === step.isReference;
    if (joins && built.kind === "stage") return this.#continue({ ...built, steps: [...built.steps, step] });
    const parallel = checkParallel(kind, this.#rt, { ...options, ctx: undefined, signal: undefined } as ParallelOptions<unknown>, 1);
    return this.#continue({ kind: "stage", source: this.#source(), steps: [step], parallel });
  }

  #continue<R>(built: Built): Pipeline<R> {
    if (this.#isContinued || this.#flow) throw invalidArg("pipeline", "one continuation of a pipeline that is not running", "a second one");
    this.#isContinued = true;
    return new Pipeline<R>(this.#rt, built, this.#ending, this.#stages);
  }

  /** What is built so far, as the source of what follows. */
  #source<S>(): Source<S> {
    const built = this.#built;
    if (built.kind === "source") return built.source as Source<S>;
    const made = stage<S>(this.#rt, built.source, built.steps, { ...built.parallel, ctx: this.#ending.ctx });
    this.#stages.push(made as FanOut<unknown>);
    return sourceOf("stage", made);
  }

  #run(): Flow<T> {
    if (this.#isContinued) throw invalidArg("pipeline", "the end of the pipeline to be iterated", "a part of it");
    if (!this.#flow) {
      const source = this.#source<T>();
      const { signal } = this.#ending;
      this.#flow = new Passing(signal ? abortable(source, signal) : source);
    }
    return this.#flow;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    return this.#run().next();
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    if (!this.#isContinued) await this.#run().return();
    return DONE;
  }
}
