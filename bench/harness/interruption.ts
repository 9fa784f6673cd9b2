/**
 * Interruption: a first Ctrl-C ends the run and leaves what was measured; processes that were started listen to it and end.
 */
export const interruption = new AbortController();

/** What waits when the run is interrupted ends with this. */
export class InterruptedError extends Error {
  readonly code = "ERR_INTERRUPTED";
  constructor() {
    super("the run was interrupted");
    this.name = "InterruptedError";
  }
}

/** The promise, or the interruption if that comes first. */
export async function unlessInterrupted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => undefined); // nobody is left to be told
    throw new InterruptedError();
  }
  let onAbort: () => void = () => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new InterruptedError());
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, interrupted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
