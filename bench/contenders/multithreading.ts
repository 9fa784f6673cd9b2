/**
 * Multithreading as a contender: `spawn` with moved arguments, a module imported inside. It has one pool, whose size is set once.
 * See https://github.com/W4G1/multithreading#quick-start and "Importing Modules in Workers" there.
 *
 * It moves every typed array it is given, so where others copy it is given a copy.
 */
import type { Library } from "./library.ts";

/** What it takes for granted that Node 20 has not. */
function lacking(): string | undefined {
  const needs: readonly [name: string, has: boolean][] = [
    ["navigator", "navigator" in globalThis],
    ["Promise.withResolvers", "withResolvers" in Promise],
  ];
  const without = needs.filter(([, has]) => !has).map(([name]) => name);
  return without.length === 0 ? undefined : `does not load on Node ${process.versions.node}: it needs ${without.join(" and ")}`;
}

export const multithreading: Library = {
  name: "multithreading",
  family: "multithreading",
  missing: lacking,
  async open(threads) {
    const { open } = await import("./multithreading-entry.js");
    return open(threads);
  },
};
