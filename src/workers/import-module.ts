// Importing a task's module on the thread that runs it, TypeScript included.

import type { Wire } from "../runtime/channel/index.ts";
import { HeddleError, TimeoutError } from "../runtime/errors.ts";
import type { ThreadOrder } from "./thread-order.ts";

let canTypeScript = import.meta.url.endsWith(".ts") || Boolean((process.features as { typescript?: unknown }).typescript);

/** Imports a module by URL; Node's cache makes it once a thread. Throws what the module throws, or ERR_NO_MODULE if there is none at that URL. */
export async function importModule(url: string): Promise<Record<string, unknown>> {
  if (url.endsWith("ts") && !canTypeScript) {
    const { register } = await import("tsx/esm/api");
    register();
    canTypeScript = true;
  }
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (cause) {
    const { code, url: missing } = (cause ?? {}) as { code?: unknown; url?: unknown };
    if (code === "ERR_MODULE_NOT_FOUND" && missing === url) {
      throw new HeddleError("ERR_NO_MODULE", `expected a module at ${url}, and there is none`, { cause });
    }
    throw cause;
  }
}

/**
 * The same in at most `limitMs`: a module whose top-level await never settles would else hold its task for ever, and nothing would say so. Throws also
 * ERR_TIMEOUT.
 */
export async function importWithin(url: string, limitMs: number): Promise<Record<string, unknown>> {
  if (limitMs === Number.POSITIVE_INFINITY) return importModule(url);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const say = () =>
      reject(new TimeoutError(`expected ${url} to be imported within ${limitMs} ms; a top-level await in it may never settle`));
    timer = setTimeout(say, Math.min(limitMs, 2 ** 31 - 1));
  });
  try {
    return await Promise.race([importModule(url), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Calls what a thread is set up by, and waits for it. Throws what it throws, ERR_NO_MODULE, ERR_NO_FUNCTION. */
export async function setUp({ url, name, args }: NonNullable<ThreadOrder["setUp"]>, wire: Wire): Promise<void> {
  const fn = (await importModule(url))[name];
  if (typeof fn !== "function") throw new HeddleError("ERR_NO_FUNCTION", `expected ${url} to export a function ${name}`);
  await fn(...(wire.decode(args) as unknown[]));
}
