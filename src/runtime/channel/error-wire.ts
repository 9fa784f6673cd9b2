// How an error crosses threads whole: name, message, code, cause, AggregateError's errors, own properties, and the stack of the thread that threw.
// Structured clone loses most of these.

import {
  AbortError,
  ChannelClosedError,
  describe,
  FencedError,
  HeapExhaustedError,
  HeddleError,
  ThreadDiedError,
  TimeoutError,
} from "../errors.ts";

/** An error as plain data. Anything else that was thrown travels as it is. */
interface ErrorWire {
  readonly heddleError: 1;
  readonly name: string;
  readonly className: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly props: Record<string, unknown>;
  readonly hasCause: boolean;
  readonly cause: unknown;
  readonly errors: readonly unknown[] | undefined;
}

const MAX_DEPTH = 16;
const KNOWN = new Map<string, { prototype: object }>(
  [
    Error,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
    AggregateError,
    HeddleError,
    ChannelClosedError,
    HeapExhaustedError,
    ThreadDiedError,
    AbortError,
    TimeoutError,
    FencedError,
  ].map((known) => [known.name, known]),
);
const SKIPPED = new Set(["name", "message", "stack", "cause", "errors"]);

/** `isSendable` says whether a property or a thrown value can cross; what cannot is described in words. */
export function toWire(thrown: unknown, isSendable: (value: unknown) => boolean, depth = 0): unknown {
  if (!(thrown instanceof Error)) return isSendable(thrown) ? thrown : describe(thrown);
  if (depth >= MAX_DEPTH) return `${thrown.name}: ${thrown.message}`.toWellFormed();
  const props: Record<string, unknown> = {};
  for (const key of Object.keys(thrown)) {
    if (SKIPPED.has(key)) continue;
    const value = (thrown as unknown as Record<string, unknown>)[key];
    props[key] = isSendable(value) ? value : describe(value);
  }
  const errors = (thrown as { errors?: unknown }).errors;
  const wire: ErrorWire = {
    heddleError: 1,
    name: String(thrown.name).toWellFormed(),
    className: thrown.constructor?.name ?? "Error",
    message: String(thrown.message).toWellFormed(),
    stack: typeof thrown.stack === "string" ? thrown.stack.toWellFormed() : undefined,
    props,
    hasCause: "cause" in thrown,
    cause: "cause" in thrown ? toWire(thrown.cause, isSendable, depth + 1) : undefined,
    errors: Array.isArray(errors) ? errors.map((error) => toWire(error, isSendable, depth + 1)) : undefined,
  };
  return wire;
}

function isWire(value: unknown): value is ErrorWire {
  return typeof value === "object" && value !== null && (value as ErrorWire).heddleError === 1;
}

/** The thrown value again: an Error of the same class where it is one of JavaScript's or Heddle's, with everything toWire kept. */
export function fromWire(wire: unknown): unknown {
  if (!isWire(wire)) return wire;
  const error = new Error(wire.message);
  const known = KNOWN.get(wire.className);
  if (known) Object.setPrototypeOf(error, known.prototype);
  const define = (key: string, value: unknown) =>
    Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
  if (error.name !== wire.name) define("name", wire.name);
  define("stack", wire.stack);
  if (wire.hasCause) define("cause", fromWire(wire.cause));
  if (wire.errors) define("errors", wire.errors.map(fromWire));
  for (const [key, value] of Object.entries(wire.props)) {
    Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: true });
  }
  return error;
}
