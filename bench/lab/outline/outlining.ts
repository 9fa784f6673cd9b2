/**
 * Outlining: what modules declare, by parsing them.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ModuleDeclaration, parse, type Statement } from "acorn";
import type { Sender } from "../../../src/index.ts";

/** Files of a page. */
export interface Page {
  readonly root: string;
  readonly paths: readonly string[];
}

/** The functions and classes a module declares at its top, each as a line. */
export function outlineFile(root: string, path: string): string[] {
  const { body } = parse(readFileSync(join(root, path), "utf8"), { ecmaVersion: "latest", sourceType: "module" });
  return body.flatMap((node) => {
    const declared = declaredBy(node);
    return declared ? [`${path}: ${declared}`] : [];
  });
}

function declaredBy(node: Statement | ModuleDeclaration): string | undefined {
  if (node.type === "ExportNamedDeclaration") return node.declaration ? declaredBy(node.declaration) : undefined;
  if (node.type === "ClassDeclaration") return `class ${node.id.name}`;
  return node.type === "FunctionDeclaration" ? `function ${node.id.name}` : undefined;
}

/** Fills a page's channel while it is read, and closes it: what a thread is given to do. */
export async function fillPage({ root, paths }: Page, out: Sender<string>): Promise<void> {
  for (const path of paths) await out.sendMany(outlineFile(root, path));
  out.close();
}

/** Whole pages: what a bare Worker is given to do. */
export function outlinePages(pages: readonly Page[]): string[][] {
  return pages.map(({ root, paths }) => paths.flatMap((path) => outlineFile(root, path)));
}
