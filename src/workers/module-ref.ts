// Module references: the one way to name code. A reference is a URL and an exported name; the thread that runs a task imports the module once.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HeddleError, invalidArg } from "../runtime/errors.ts";

const NAME = Symbol("heddle.name");

/** Any function a module may export. */
export type AnyFunction = (...args: never[]) => unknown;

/** A module as rt.module() gives it: its exported functions, to be named and not to be called. */
export type ModuleRef<M> = { readonly [K in keyof M as M[K] extends AnyFunction ? K : never]: M[K] };

/** What a function reference names. */
export interface FunctionName {
  readonly url: string;
  readonly name: string;
}

/**
 * Names the functions of a module. `./jobs.js` stands for its sibling `./jobs.ts` where only that exists, as in development.
 * Throws ERR_NO_MODULE if neither is there.
 */
export function moduleRef<M>(url: URL | string): ModuleRef<M> {
  const href = resolveModule(url);
  const known = new Map<string, AnyFunction>();
  return new Proxy({} as ModuleRef<M>, {
    get(_, name) {
      if (typeof name !== "string") return undefined;
      let ref = known.get(name);
      if (!ref) {
        ref = nameFunction({ url: href, name });
        known.set(name, ref);
      }
      return ref;
    },
  });
}

function nameFunction(named: FunctionName): AnyFunction {
  const ref = () => {
    throw new HeddleError("ERR_NO_FUNCTION", `${named.name} of ${named.url} is a reference: start it with go(), do not call it`);
  };
  return Object.assign(ref, { [NAME]: named });
}

/** A function of a module reference, as opposed to a function of this thread. */
export function isReference(fn: unknown): boolean {
  return typeof fn === "function" && NAME in fn;
}

/** The name behind a reference. Throws ERR_NO_FUNCTION for anything else. */
export function nameOf(fn: unknown): FunctionName {
  const named = typeof fn === "function" ? (fn as { [NAME]?: FunctionName })[NAME] : undefined;
  if (!named) throw new HeddleError("ERR_NO_FUNCTION", `expected a function of rt.module(...), got ${describeFunction(fn)}`);
  return named;
}

function describeFunction(fn: unknown): string {
  return typeof fn === "function" ? `the function ${fn.name || "(anonymous)"} itself: closures cannot cross threads` : typeof fn;
}

/** The URL to import: checked, and with its `.ts` sibling in place of a `.js` that is not there. Throws ERR_INVALID_ARG, ERR_NO_MODULE. */
export function resolveModule(url: URL | string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw Object.assign(invalidArg("module", "a URL, as from new URL('./jobs.js', import.meta.url)", url), { cause });
  }
  if (parsed.protocol !== "file:") return parsed.href; // data: and others are import()'s business
  if (existsSync(fileURLToPath(parsed))) return parsed.href;
  const sibling = new URL(parsed.href.replace(/\.([mc]?)js$/, ".$1ts"));
  if (sibling.href !== parsed.href && existsSync(fileURLToPath(sibling))) return sibling.href;
  throw new HeddleError("ERR_NO_MODULE", `expected a module at ${parsed.href}, and there is none`);
}
