// The options of a pool of objects, their defaults and checks.

import { invalidArg } from "../../runtime/errors.ts";

/** Options of objectPool(). */
export interface ObjectPoolOptions<T> {
  /** Makes one; may be async. */
  create: () => T | PromiseLike<T>;
  /** Called with each that is not used any more. Default: nothing. May be async; what it throws goes to `onError`. */
  destroy?: (object: T) => unknown;
  /** Asked before one is lent again: false, or an error, and it is destroyed and another taken. Default: all are sound. */
  validate?: (object: T) => boolean | PromiseLike<boolean>;
  /** Objects that are kept even when nobody needs them. Default 0; they are made when the first is asked for, or by ready(). */
  min?: number;
  /** Objects there are at most, those lent included, at least 1. Default 10. */
  max?: number;
  /** How long one above `min` lies unused before it is destroyed. Milliseconds, default 30,000, minimum 0, Infinity allowed. */
  idleMs?: number;
  /** How often one is lent before it is destroyed. Default Infinity, minimum 1. */
  maxUses?: number;
  /** How long one may be lent: then it is taken away from its borrower, destroyed, and another made. Milliseconds, more than 0, default Infinity. */
  loanMs?: number;
  /** Told what destroy() throws, and validate(). Default: an uncaught exception. */
  onError?: (error: unknown) => void;
}

export type ObjectPoolSettings<T> = Required<Omit<ObjectPoolOptions<T>, "onError">> & { readonly onError: (error: unknown) => void };

const NEVER = Number.POSITIVE_INFINITY;

export function objectPoolSettings<T>(options: ObjectPoolOptions<T>): ObjectPoolSettings<T> {
  if (typeof options !== "object" || options === null) throw invalidArg("objectPool: options", "an object { create }", options);
  const { create, destroy = () => undefined, validate = () => true, onError = uncaught } = options;
  for (const [name, fn] of Object.entries({ create, destroy, validate, onError })) {
    if (typeof fn !== "function") throw invalidArg(`objectPool: ${name}`, "a function", fn);
  }
  const { max = 10, min = 0, idleMs = 30_000, maxUses = NEVER, loanMs = NEVER } = options;
  if (!Number.isInteger(max) || max < 1) throw invalidArg("objectPool: max", "a whole number from 1", max);
  if (!Number.isInteger(min) || min < 0 || min > max) throw invalidArg("objectPool: min", `a whole number from 0 to max, ${max}`, min);
  if (typeof idleMs !== "number" || !(idleMs >= 0)) throw invalidArg("objectPool: idleMs", "milliseconds, 0 or more", idleMs);
  if (maxUses !== NEVER && (!Number.isInteger(maxUses) || maxUses < 1)) {
    throw invalidArg("objectPool: maxUses", "a whole number from 1, or Infinity", maxUses);
  }
  if (typeof loanMs !== "number" || !(loanMs > 0)) throw invalidArg("objectPool: loanMs", "milliseconds, more than 0", loanMs);
  return { create, destroy, validate, onError, max, min, idleMs, maxUses, loanMs };
}

function uncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
