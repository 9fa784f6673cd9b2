import { type Node, parse } from "acorn";

/** What a source file consists of. */
export interface Measure {
  readonly functions: number;
  readonly branches: number;
  /** How deep its syntax tree is. */
  readonly depth: number;
}

const FUNCTIONS = new Set(["ArrowFunctionExpression", "FunctionDeclaration", "FunctionExpression"]);
const BRANCHES = new Set(["ConditionalExpression", "IfStatement", "LogicalExpression", "SwitchCase"]);

/** Parses a module and measures its tree. Throws: SyntaxError. */
export function measure(source: string): Measure {
  const found = { functions: 0, branches: 0, depth: 0 };
  const visit = (node: Node, depth: number) => {
    if (FUNCTIONS.has(node.type)) found.functions++;
    if (BRANCHES.has(node.type)) found.branches++;
    if (depth > found.depth) found.depth = depth;
    for (const child of Object.values(node).flat()) if (typeof child?.type === "string") visit(child, depth + 1);
  };
  visit(parse(source, { ecmaVersion: "latest", sourceType: "module" }), 1);
  return found;
}
