/**
 * Aggregate: reads records, one JSON text a line, and adds them up by type.
 *
 * Invariants
 * 1. Counts add up and `longest` breaks ties by place, so a merge gives the same groups in whichever order the records
 *    were read, and on whichever thread.
 * 2. A range begins and ends between two lines: no record is read twice or in halves.
 */
import { closeSync, openSync, readSync } from "node:fs";

/** A token of a source file, as a record tells of it. */
export interface TokenRecord {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 0. */
  readonly column: number;
  readonly type: string;
  readonly text: string;
}

/** Whole lines of the file of records. */
export interface Range {
  readonly byteOffset: number;
  readonly lengthBytes: number;
}

/** Ranges to add up, of the file at `path`. */
export interface AggregatePart {
  readonly path: string;
  readonly ranges: readonly Range[];
}

/** What the records of one type come to. */
export interface Group {
  readonly type: string;
  count: number;
  characters: number;
  longest: { characters: number; file: string; line: number; column: number };
}

/** Groups by type. */
export type Groups = Map<string, Group>;

/** Reads and adds up ranges: what a thread is given to do. */
export function aggregate({ path, ranges }: AggregatePart): Groups {
  const groups: Groups = new Map();
  for (const range of ranges) addRange(path, range, groups);
  return groups;
}

/** Adds the records of one range to `groups`. */
export function addRange(path: string, range: Range, groups: Groups): void {
  for (const line of linesOf(path, range)) {
    const { file, line: lineNumber, column, type, text } = JSON.parse(line) as TokenRecord;
    const characters = text.length;
    const longest = { characters, file, line: lineNumber, column };
    addGroup(groups, { type, count: 1, characters, longest });
  }
}

/** The groups of all parts. */
export function sumOf(parts: Iterable<Groups>): Groups {
  const whole: Groups = new Map();
  for (const part of parts) addGroups(whole, part);
  return whole;
}

/** Adds `part` to `whole`. */
export function addGroups(whole: Groups, part: Groups): void {
  for (const group of part.values()) addGroup(whole, group);
}

/** How many records were added up. */
export function recordsIn(groups: Groups): number {
  let count = 0;
  for (const group of groups.values()) count += group.count;
  return count;
}

function addGroup(groups: Groups, group: Group): void {
  const known = groups.get(group.type);
  if (known === undefined) {
    groups.set(group.type, group);
    return;
  }
  known.count += group.count;
  known.characters += group.characters;
  if (isBefore(group.longest, known.longest)) known.longest = group.longest;
}

/** Whether `a` is the longer one or, of two as long, stands earlier in the sources. */
function isBefore(a: Group["longest"], b: Group["longest"]): boolean {
  if (a.characters !== b.characters) return a.characters > b.characters;
  if (a.file !== b.file) return a.file < b.file;
  return a.line !== b.line ? a.line < b.line : a.column < b.column;
}

function linesOf(path: string, { byteOffset, lengthBytes }: Range): string[] {
  const bytes = Buffer.allocUnsafe(lengthBytes);
  const file = openSync(path, "r");
  try {
    const readBytes = readSync(file, bytes, 0, lengthBytes, byteOffset);
    if (readBytes !== lengthBytes) throw new Error(`expected ${lengthBytes} bytes at ${byteOffset} of ${path}, got ${readBytes}`);
  } finally {
    closeSync(file);
  }
  const lines = bytes.toString("utf8").split("\n");
  lines.pop();
  return lines;
}
