import { readFileSync } from "node:fs";
import { parse } from "acorn";
import type { Context } from "../../src/index.ts";

export interface Part {
  readonly paths: string[];
  /** A file whose last line got lost on the way. */
  readonly damaged?: string | undefined;
}

/** Checks that every file of a part is a JavaScript module, and answers how many bytes that are. Stops between two files when nobody wants to know. */
export function check({ paths, damaged }: Part, ctx: Context): number {
  let bytes = 0;
  for (const path of paths) {
    if (ctx.cancelled) throw ctx.error;
    const text = readFileSync(path, "utf8");
    try {
      parse(path === damaged ? text.slice(0, text.lastIndexOf("}")) : text, { ecmaVersion: "latest", sourceType: "module" });
    } catch (cause) {
      throw Object.assign(new Error(`not a module: ${path}`, { cause }), { code: "E_NOT_A_MODULE", path });
    }
    bytes += text.length;
  }
  return bytes;
}
