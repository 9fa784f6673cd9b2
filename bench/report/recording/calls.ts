/**
 * Calls: functions of a job's module, made to note when they are at work.
 *
 * A function that gives a promise is at work until that settles; one that gives values one by one, until it has given the last.
 */
import { getEnvironmentData } from "node:worker_threads";
import { KIND, Log } from "./log.ts";
import { ticket } from "./ticket.ts";

/** Under this name threads find the log, when they are started for a recorded run. */
export const LOG = "heddle-lab-log";

const buffer = getEnvironmentData(LOG) as SharedArrayBuffer | undefined;
const log = buffer && new Log(buffer);
const begun = new Set<number>();

type AnyFunction = (...args: never[]) => unknown;

/** The same function, noted as the function number `key`. */
export function noted<F extends AnyFunction>(key: number, fn: F): F {
  if (log === undefined) return fn;
  const call = (...args: Parameters<F>): unknown => {
    const task = ticket.getStore();
    if (task !== undefined && !begun.has(task)) log.note(KIND.begun, task);
    if (task !== undefined) begun.add(task);
    const over = log.begin(key);
    const end = () => {
      over();
      if (task !== undefined) log.note(KIND.answered, task);
    };
    try {
      return untilOver(fn(...args), end);
    } catch (error) {
      end();
      throw error;
    }
  };
  return call as F;
}

function untilOver(result: unknown, end: () => void): unknown {
  const { then, next, [Symbol.iterator]: sync, [Symbol.asyncIterator]: async } = Object(result);
  if (typeof then === "function") (result as PromiseLike<unknown>).then(end, end);
  else if (typeof next === "function" && typeof async === "function") return asyncValues(result as AsyncIterable<unknown>, end);
  else if (typeof next === "function" && typeof sync === "function") return values(result as Iterable<unknown>, end);
  else end();
  return result;
}

function* values(made: Iterable<unknown>, end: () => void): Generator<unknown> {
  try {
    yield* made;
  } finally {
    end();
  }
}

async function* asyncValues(made: AsyncIterable<unknown>, end: () => void): AsyncGenerator<unknown> {
  try {
    yield* made;
  } finally {
    end();
  }
}
