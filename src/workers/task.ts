// The handle of a started task, on the thread that started it.

/**
 * How a task has ended. 'finished': with its result. 'failed': by its own error. 'cancelled': before it started. 'stopped': by itself, after it was
 * cancelled. 'killed': with its thread, on purpose. 'zombie': the same, but the thread has not exited in time. 'died': with its thread, of something else.
 */
export type TaskOutcome = "finished" | "failed" | "cancelled" | "stopped" | "killed" | "zombie" | "died";

/**
 * A started task: a promise for its result.
 * Waits: `await task` on the starting thread's event loop, until the task has ended or its thread has died.
 * Throws (rejects): what the task threw, with the name, code, cause and stack of the thread that threw; ERR_THREAD_DIED (cause: of what) when its
 * thread died; AbortError when its signal ended it; ERR_TASK_CANCELLED when the runtime was closed before it started.
 * A task that fails and was never joined (then, catch, finally, await) becomes an unhandled rejection on the supervising thread.
 */
export class Task<T> implements PromiseLike<T> {
  /** The exported name of the task's function. */
  readonly name: string;
  /** Made when somebody joins: a task nobody waits for costs no promise. */
  #promise: Promise<unknown> | undefined;
  #settle: { resolve: (value: unknown) => void; reject: (error: unknown) => void } | undefined;
  #state: "pending" | "succeeded" | "failed" = "pending";
  #value: unknown;
  /** Made when somebody asks. */
  #ended: Promise<TaskOutcome> | undefined;
  #onEnded: ((outcome: TaskOutcome) => void) | undefined;
  #outcome: TaskOutcome | undefined;

  /** @internal */
  constructor(name: string) {
    this.name = name;
  }

  #join(): Promise<T> {
    this.#promise ??=
      this.#state === "succeeded"
        ? Promise.resolve(this.#value)
        : this.#state === "failed"
          ? Promise.reject(this.#value)
          : new Promise((resolve, reject) => {
              this.#settle = { resolve, reject };
            });
    return this.#promise as Promise<T>;
  }

  // biome-ignore lint/suspicious/noThenProperty: a task is awaited like a promise, and noticing that it was is the point
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#join().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#join().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#join().finally(onFinally);
  }

  /** The result has come, or the error. */
  get isSettled(): boolean {
    return this.#state !== "pending";
  }

  /** Somebody waits for it, or has. */
  get isJoined(): boolean {
    return this.#promise !== undefined;
  }

  /** How it has ended; undefined until it has. A cancelled task's promise rejects at once, while the task may still run. */
  get outcome(): TaskOutcome | undefined {
    return this.#outcome;
  }

  /** Resolves with its outcome once it has really ended, or its thread was given up; never rejects. Asking is no joining. */
  get ended(): Promise<TaskOutcome> {
    this.#ended ??= this.#outcome
      ? Promise.resolve(this.#outcome)
      : new Promise((resolve) => {
          this.#onEnded = resolve;
        });
    return this.#ended;
  }

  /** @internal */
  end(outcome: TaskOutcome): void {
    this.#outcome = outcome;
    this.#onEnded?.(outcome);
  }

  /** @internal Second call and a call after fail do nothing. */
  succeed(value: unknown): void {
    if (this.isSettled) return;
    this.#state = "succeeded";
    this.#value = value;
    this.#settle?.resolve(value);
  }

  /** @internal Second call and a call after succeed do nothing. */
  fail(error: unknown): void {
    if (this.isSettled) return;
    this.#state = "failed";
    this.#value = error;
    this.#settle?.reject(error);
  }
}
