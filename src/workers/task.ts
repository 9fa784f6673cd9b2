// The handle of a started task, on the thread that started it.

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
  readonly #promise: Promise<T>;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;
  #isJoined = false;
  #isSettled = false;

  /** @internal */
  constructor(name: string) {
    this.name = name;
    this.#promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#promise.catch(() => undefined); // a failure nobody joined is reported by the starter, not by this promise
  }

  // biome-ignore lint/suspicious/noThenProperty: a task is awaited like a promise, and noticing that it was is the point
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isJoined = true;
    return this.#promise.then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    this.#isJoined = true;
    return this.#promise.finally(onFinally);
  }

  /** The result has come, or the error. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Somebody waits for it, or has. */
  get isJoined(): boolean {
    return this.#isJoined;
  }

  /** @internal Second call and a call after fail do nothing. */
  succeed(value: T): void {
    this.#isSettled = true;
    this.#resolve(value);
  }

  /** @internal Second call and a call after succeed do nothing. */
  fail(error: unknown): void {
    this.#isSettled = true;
    this.#reject(error);
  }
}
