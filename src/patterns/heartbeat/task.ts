// A task with a heartbeat, on the thread that runs it.

import type { Context } from "../../runtime/context/index.ts";
import { loadFunction } from "../load-function.ts";
import { Pulse, type PulseHandles } from "./pulse.ts";

/** Throws: what the function throws; what the context ended with, if that was before it began. */
export async function beat(url: string, name: string, args: readonly unknown[], handles: PulseHandles, ctx: Context): Promise<unknown> {
  const pulse = new Pulse(handles);
  const end = pulse.begin();
  try {
    const fn = await loadFunction(url, name);
    if (ctx.error) throw ctx.error;
    return await fn(...args, pulse, ctx);
  } finally {
    end();
  }
}
