// Every error Heddle throws has a stable `code`; match on that, never on the text. docs/errors.md lists them with cause and cure.

/** The codes of errors; docs/errors.md has cause and fix of each. */
export type HeddleCode =
  | "ABORT_ERR"
  | "ERR_CHANNEL_CLOSED"
  | "ERR_CLOSED"
  | "ERR_DEADLOCK"
  | "ERR_DETACHED"
  | "ERR_DROPPED"
  | "ERR_FENCED"
  | "ERR_FOREIGN_HANDLE"
  | "ERR_GANG_REFUSED"
  | "ERR_GROUP_FAILED"
  | "ERR_HEAP_EXHAUSTED"
  | "ERR_INVALID_ARG"
  | "ERR_LIMIT_EXCEEDED"
  | "ERR_LOCK_ABANDONED"
  | "ERR_NEGATIVE_COUNT"
  | "ERR_ITEMS_FAILED"
  | "ERR_LEFTOVERS"
  | "ERR_NESTED_RUNTIME"
  | "ERR_NO_FUNCTION"
  | "ERR_NO_MODULE"
  | "ERR_NO_RUNTIME"
  | "ERR_NOT_ACKNOWLEDGED"
  | "ERR_NOT_HELD"
  | "ERR_QUEUE_FULL"
  | "ERR_QUEUE_TIMEOUT"
  | "ERR_REPLICAS_FAILED"
  | "ERR_RESERVATION_OVER"
  | "ERR_RESTART_LIMIT"
  | "ERR_RUN_TIMEOUT"
  | "ERR_SECOND_RECEIVER"
  | "ERR_SECOND_SENDER"
  | "ERR_SERVICE_DOWN"
  | "ERR_SYNC_CLOSED"
  | "ERR_TASK_CANCELLED"
  | "ERR_THREAD_DIED"
  | "ERR_THREAD_START"
  | "ERR_TIMEOUT"
  | "ERR_TOO_MANY_CREWS"
  | "ERR_TOO_MANY_KEYS"
  | "ERR_TOO_MANY_STRUCTS"
  | "ERR_TOTAL_TIMEOUT"
  | "ERR_UNHEALTHY"
  | "ERR_UNSENDABLE"
  | "ERR_WASM_UNAVAILABLE"
  | "ERR_WOULD_BLOCK_SUPERVISOR"
  | "ERR_WOULD_DEADLOCK";

/** An error of Heddle. Match on its `code`, never on its text. */
export class HeddleError extends Error {
  readonly code: HeddleCode;

  constructor(code: HeddleCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HeddleError";
    this.code = code;
  }
}

/** A send on a closed channel, or a second close. */
export class ChannelClosedError extends HeddleError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_CHANNEL_CLOSED", message, options);
    this.name = "ChannelClosedError";
  }
}

/** The shared heap's ceiling is reached. */
export class HeapExhaustedError extends HeddleError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_HEAP_EXHAUSTED", message, options);
    this.name = "HeapExhaustedError";
  }
}

/** The thread that ran the task has died; `cause` says of what, where it is known. */
export class ThreadDiedError extends HeddleError {
  /** Node's id of the thread, and in a word how it ended (Death.reason.kind). */
  declare readonly threadId?: number;
  declare readonly kind?: string;

  constructor(message: string, options?: ErrorOptions) {
    super("ERR_THREAD_DIED", message, options);
    this.name = "ThreadDiedError";
  }
}

/** The holder of the lock died while it held it; what the lock protects may be half done. Whoever has mended that calls recover(). */
export class LockAbandonedError extends HeddleError {
  constructor(message: string) {
    super("ERR_LOCK_ABANDONED", message);
    this.name = "LockAbandonedError";
  }
}

/** This thread was retired by its supervisor while it still ran: nothing it does reaches the others any more. */
export class FencedError extends HeddleError {
  constructor() {
    super("ERR_FENCED", "this thread was retired by its supervisor; its calls change nothing any more");
    this.name = "FencedError";
  }
}

/** A wait ended by its signal; `cause` is the signal's reason, as in Node's own. */
export class AbortError extends HeddleError {
  constructor(reason: unknown) {
    super("ABORT_ERR", "The operation was aborted", { cause: reason });
    this.name = "AbortError";
  }
}

/** A wait that outlasted its `timeoutMs`. */
export class TimeoutError extends HeddleError {
  constructor(message: string, code: HeddleCode = "ERR_TIMEOUT") {
    super(code, message);
    this.name = "TimeoutError";
  }
}

/** Bad input: says what was expected and what came. */
export function invalidArg(what: string, expected: string, got: unknown): HeddleError {
  return new HeddleError("ERR_INVALID_ARG", `${what}: expected ${expected}, got ${describe(got)}`);
}

/** A short, safe rendering of any value for a message. */
export function describe(value: unknown): string {
  if (typeof value === "string") return value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}…` : JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  if (typeof value === "object" && value !== null) return `an object of ${(value.constructor?.name as string | undefined) ?? "no class"}`;
  return String(value);
}
