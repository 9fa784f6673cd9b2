import { readFileSync } from "node:fs";
import { parse } from "acorn";

export interface File {
  readonly path: string;
  /** Its last line got lost on the way. */
  readonly damaged: boolean;
}

/** Indexes a file by parsing it. */
export function index({ path, damaged }: File): void {
  const text = readFileSync(path, "utf8");
  try {
    parse(damaged ? text.slice(0, text.lastIndexOf("}")) : text, { ecmaVersion: "latest", sourceType: "module" });
  } catch (cause) {
    throw Object.assign(new Error(`not a module: ${path}`, { cause }), { code: "E_NOT_A_MODULE" });
  }
}
