// A task of an error group, on the thread that runs it.

import type { Context } from "../runtime/context/index.ts";
import { loadFunction } from "./load-function.ts";

/** Throws: what the function throws; what the context ended with, if that was before it began. */
export async function runInGroup(url: string, name: string, args: readonly unknown[], ctx: Context): Promise<unknown> {
  const fn = await loadFunction(url, name);
  if (ctx.error) throw ctx.error;
  return fn(...args, ctx);
}
