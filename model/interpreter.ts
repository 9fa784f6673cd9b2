// The shipped transitions, decoded from their bytes and made runnable on a World: every export by name, whole calls or one atomic operation at a
// time. A mutant exchanges one function.

import { decode } from "../scripts/wasm-decode.js";
import { TRANSITIONS_BASE64 } from "../src/runtime/memory/generated/transitions.ts";
import { type Compiled, compile } from "./codegen.ts";
import { flatten, type Mutation } from "./flatten.ts";
import type { World } from "./world.ts";

export const shipped = decode(new Uint8Array(Buffer.from(TRANSITIONS_BASE64, "base64")));

/** The exports in the order of the module; a call names its transition by index into it. */
export const NAMES: readonly string[] = shipped.functions.map(({ name }) => name);

export function indexOf(name: string): number {
  const index = NAMES.indexOf(name);
  if (index < 0) throw new Error(`no transition is called ${name}`);
  return index;
}

export interface Mutant extends Mutation {
  fn: string;
}

export function interpret(world: World, mutant?: Mutant): Compiled[] {
  return shipped.functions.map((fn) => {
    const mutation = mutant?.fn === fn.name ? mutant : undefined;
    return compile(fn, flatten(fn, shipped.globals, mutation), world);
  });
}

/** Exchanges one function for a mutant; answers what restores it. */
export function mutate(functions: Compiled[], world: World, mutant: Mutant): () => void {
  const index = indexOf(mutant.fn);
  const original = functions[index]!;
  const fn = shipped.functions[index]!;
  functions[index] = compile(fn, flatten(fn, shipped.globals, mutant), world);
  return () => {
    functions[index] = original;
  };
}
