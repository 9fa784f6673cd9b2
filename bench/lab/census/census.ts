/**
 * Census: how often each kind of syntax node occurs in a set of files, and a few facts about them.
 *
 * Invariants
 * 1. Counts add up and records (`deepest`, `longestFunction`) break ties by path, so a merge gives the same
 *    census in whichever order the files were counted, and on whichever thread.
 * 2. A census is plain data: it crosses threads as it is.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Node, parse } from "acorn";

/** The largest of something, and the file where it was found. */
export interface Extreme {
  readonly size: number;
  readonly path: string;
}

export interface Census {
  files: number;
  bytes: number;
  lines: number;
  comments: number;
  nodes: number;
  /** Files that are not JavaScript modules after all. */
  unparsed: number;
  /** Levels of nodes inside nodes. */
  deepest: Extreme;
  /** Characters from the function's first to its last. */
  longestFunction: Extreme;
  counts: Record<string, number>;
}

const NOTHING: Extreme = { size: 0, path: "" };

export function emptyCensus(): Census {
  return { files: 0, bytes: 0, lines: 0, comments: 0, nodes: 0, unparsed: 0, deepest: NOTHING, longestFunction: NOTHING, counts: {} };
}

/** Reads, parses and counts the files of `root` named by `paths`; `onBytes` hears after each file how many bytes are done. */
export function takeCensus(root: string, paths: readonly string[], onBytes?: (bytes: number) => void): Census {
  const census = emptyCensus();
  const counts = new Map<string, number>();
  for (const path of paths) {
    countFile(join(root, path), path, census, counts);
    onBytes?.(census.bytes);
  }
  census.counts = Object.fromEntries(counts);
  return census;
}

/** Adds `part` to `whole`. */
export function mergeCensus(whole: Census, part: Census): void {
  whole.files += part.files;
  whole.bytes += part.bytes;
  whole.lines += part.lines;
  whole.comments += part.comments;
  whole.nodes += part.nodes;
  whole.unparsed += part.unparsed;
  whole.deepest = larger(whole.deepest, part.deepest);
  whole.longestFunction = larger(whole.longestFunction, part.longestFunction);
  for (const [type, count] of Object.entries(part.counts)) whole.counts[type] = (whole.counts[type] ?? 0) + count;
}

function countFile(file: string, path: string, census: Census, counts: Map<string, number>): void {
  const bytes = readFileSync(file);
  const text = bytes.toString("utf8");
  census.files++;
  census.bytes += bytes.length;
  let comments = 0;
  let program: Node;
  try {
    program = parse(text, { ecmaVersion: "latest", sourceType: "module", onComment: () => void comments++ });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    census.unparsed++;
    return;
  }
  census.comments += comments;
  census.lines += countLines(text);
  countNodes(program, path, census, counts);
}

function countLines(text: string): number {
  let lines = text === "" || text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

/** Visits every node below `program`, without recursion: minified files nest deeply. */
function countNodes(program: Node, path: string, census: Census, counts: Map<string, number>): void {
  const nodes: Node[] = [program];
  const depths: number[] = [1];
  let deepest = 0;
  let longest = 0;
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    const depth = depths.pop()!;
    const type = node.type;
    census.nodes++;
    counts.set(type, (counts.get(type) ?? 0) + 1);
    if (depth > deepest) deepest = depth;
    if (isFunction(type) && node.end - node.start > longest) longest = node.end - node.start;
    for (const key in node) {
      const value = (node as unknown as Record<string, unknown>)[key];
      if (typeof value !== "object" || value === null) continue;
      if (Array.isArray(value)) {
        for (const item of value) {
          if (!isNode(item)) continue;
          nodes.push(item);
          depths.push(depth + 1);
        }
      } else if (isNode(value)) {
        nodes.push(value);
        depths.push(depth + 1);
      }
    }
  }
  census.deepest = larger(census.deepest, { size: deepest, path });
  census.longestFunction = larger(census.longestFunction, { size: longest, path });
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

function isFunction(type: string): boolean {
  return type === "FunctionDeclaration" || type === "FunctionExpression" || type === "ArrowFunctionExpression";
}

function larger(a: Extreme, b: Extreme): Extreme {
  if (a.size !== b.size) return a.size > b.size ? a : b;
  return a.path <= b.path ? a : b;
}
