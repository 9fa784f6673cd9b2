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
  counts: Map<string, number>;
}

/** Files to count, by their paths below `root`. */
export interface CensusPart {
  readonly root: string;
  readonly paths: readonly string[];
}

const NOTHING: Extreme = { size: 0, path: "" };

export function emptyCensus(): Census {
  return {
    files: 0,
    bytes: 0,
    lines: 0,
    comments: 0,
    nodes: 0,
    unparsed: 0,
    deepest: NOTHING,
    longestFunction: NOTHING,
    counts: new Map(),
  };
}

/** Reads, parses and counts files: what a thread is given to do. */
export function takeCensus({ root, paths }: CensusPart): Census {
  const census = emptyCensus();
  for (const path of paths) countFile(root, path, census);
  return census;
}

/** The census of all files of the parts. */
export function sumOf(parts: Iterable<Census>): Census {
  const whole = emptyCensus();
  for (const part of parts) mergeCensus(whole, part);
  return whole;
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
  for (const [type, count] of part.counts) whole.counts.set(type, (whole.counts.get(type) ?? 0) + count);
}

/** Reads, parses and counts one file into `census`. */
export function countFile(root: string, path: string, census: Census): void {
  const bytes = readFileSync(join(root, path));
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
  countNodes(program, path, census);
}

function countLines(text: string): number {
  let lines = text === "" || text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

/** Visits every node below `program`, without recursion: minified files nest deeply. */
function countNodes(program: Node, path: string, census: Census): void {
  const { counts } = census;
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
