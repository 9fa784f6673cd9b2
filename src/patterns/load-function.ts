// The function behind a name, on the thread that is to run it.

import { HeddleError } from "../runtime/errors.ts";
import { importModule } from "../workers/import-module.ts";
import { Runtime } from "../workers/runtime.ts";

export type Loaded = (...args: unknown[]) => unknown;

/**
 * Imports a module and answers one of its functions, which finds its Runtime.current with `threads: 0` too. To be called before the first await of a task.
 * Throws: ERR_NO_MODULE, ERR_NO_FUNCTION, and what the module throws at import.
 */
export async function loadFunction(url: string, name: string): Promise<Loaded> {
  const rt = Runtime.current; // with `threads: 0` it is only known until the first await
  const fn = (await importModule(url))[name];
  if (typeof fn !== "function") throw new HeddleError("ERR_NO_FUNCTION", `expected ${url} to export a function ${name}`);
  if (rt.threads !== 0) return fn as Loaded;
  const entering: Loaded = (...args) => {
    const leave = rt.enter();
    try {
      return (fn as Loaded)(...args);
    } finally {
      leave();
    }
  };
  return entering;
}
