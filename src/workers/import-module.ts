// Importing a task's module on the thread that runs it, TypeScript included.

import type { Wire } from "../runtime/channel/index.ts";
import { HeddleError } from "../runtime/errors.ts";
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
    if (
      (cause as { code?: unknown })?.code === "ERR_MODULE_NOT_FOUND" &&
      String((cause as Error).message).includes(url.replace("file://", ""))
    ) {
      throw new HeddleError("ERR_NO_MODULE", `expected a module at ${url}, and there is none`, { cause });
    }
    throw cause;
  }
}

/** Calls what a thread is set up by, and waits for it. Throws what it throws, ERR_NO_MODULE, ERR_NO_FUNCTION. */
export async function setUp({ url, name, args }: NonNullable<ThreadOrder["setUp"]>, wire: Wire): Promise<void> {
  const fn = (await importModule(url))[name];
  if (typeof fn !== "function") throw new HeddleError("ERR_NO_FUNCTION", `expected ${url} to export a function ${name}`);
  await fn(...(wire.decode(args) as unknown[]));
}
