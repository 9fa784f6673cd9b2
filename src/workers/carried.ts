// Values of AsyncLocalStorage that travel with tasks and calls: request ids, tracing contexts.
//
// Each side has its own AsyncLocalStorage; they are one by the name they are registered under, in a module that both sides import.

import type { AsyncLocalStorage } from "node:async_hooks";
import { invalidArg } from "../runtime/errors.ts";

/** Values by the names of their storages. */
export type Carried = Readonly<Record<string, unknown>>;

type Storage = Pick<AsyncLocalStorage<unknown>, "getStore" | "run">;

const storages = new Map<string, Storage>();

/**
 * Has the value of an AsyncLocalStorage travel with every task that is started, and every call of a pool or service that is made, while it is set: in a module that both sides import,
 * `export const requestId = carried("request-id", new AsyncLocalStorage<string>())`. Answers the storage. A name that is registered again stands for the
 * last storage. On a thread where nobody has registered the name its value is not seen.
 * Waits: never. Threads: any; each registers for itself. Throws: ERR_INVALID_ARG; go() throws ERR_UNSENDABLE for a value that cannot be sent, a call rejects with it.
 * Cost: where a value is set, a copy of it with each task or call; else one look at a map.
 */
export function carried<T>(name: string, storage: AsyncLocalStorage<T>): AsyncLocalStorage<T> {
  if (typeof name !== "string" || name === "") throw invalidArg("carried: name", "a string that is not empty", name);
  if (typeof storage?.getStore !== "function" || typeof storage.run !== "function")
    throw invalidArg("carried: storage", "an AsyncLocalStorage", storage);
  storages.set(name, storage as Storage);
  return storage;
}

/** What is set at this moment; undefined for nothing. */
export function carriedValues(): Carried | undefined {
  if (storages.size === 0) return undefined;
  let values: Record<string, unknown> | undefined;
  for (const [name, storage] of storages) {
    const value = storage.getStore();
    if (value === undefined) continue;
    values ??= {};
    values[name] = value;
  }
  return values;
}

/** Runs `body` with these values set, as far as their names are registered here. */
export function runWith<T>(values: Carried, body: () => T): T {
  let run = body;
  for (const [name, value] of Object.entries(values)) {
    const storage = storages.get(name);
    if (!storage) continue;
    const inner = run;
    run = () => storage.run(value, inner);
  }
  return run();
}
