/**
 * Checking: whether files are JavaScript modules, by parsing them.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "acorn";
import type { Context } from "../../../src/index.ts";

/** Files to check. */
export interface CheckPart {
  readonly root: string;
  readonly paths: readonly string[];
  /** One of them whose last brace got lost on the way. */
  readonly damaged?: string;
}

/** Why a part is refused: as data, for bare Workers pass no error's own fields on. */
export interface Refusal {
  readonly code: "E_NOT_A_MODULE";
  readonly path: string;
}

export class NotAModuleError extends Error {
  readonly code = "E_NOT_A_MODULE";
  readonly path: string;
  constructor(path: string, cause: unknown) {
    super(`not a module: ${path}`, { cause });
    this.path = path;
  }
}

/** How many characters the part has; throws at the first file that is no module. `isOver` is asked between two files. */
export function checkPart({ root, paths, damaged }: CheckPart, isOver: () => boolean = () => false): number {
  let characters = 0;
  for (const path of paths) {
    if (isOver()) break;
    const text = readFileSync(join(root, path), "utf8");
    try {
      parse(path === damaged ? text.slice(0, text.lastIndexOf("}")) : text, { ecmaVersion: "latest", sourceType: "module" });
    } catch (cause) {
      throw new NotAModuleError(path, cause);
    }
    characters += text.length;
  }
  return characters;
}

/** What a task of the group does. */
export function check(part: CheckPart, ctx: Context): number {
  return checkPart(part, () => ctx.cancelled);
}

/** Several parts, the characters of each or why it is refused: what a bare Worker is given to do. */
export function checkParts(parts: readonly CheckPart[]): (number | Refusal)[] {
  return parts.map((part) => {
    try {
      return checkPart(part);
    } catch (error) {
      if (error instanceof NotAModuleError) return { code: error.code, path: error.path };
      throw error;
    }
  });
}
