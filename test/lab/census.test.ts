/** The census: right counts, and a merge that does not care about order. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Census, sumOf, takeCensus } from "../../bench/lab/census/census.ts";
import { censusTable } from "../../bench/lab/census/table.ts";
import { readSources, threeRoot } from "../../bench/lab/sources.ts";
import { temporaryFolder } from "./support.ts";

function countText(text: string): Census {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "one.js"), text);
  return takeCensus({ root: folder, paths: ["one.js"] });
}

test("counts what can be counted by hand", () => {
  const census = countText("// sum\nexport const sum = (a, b) => a + b;\n");
  expect(census).toMatchObject({ files: 1, bytes: 43, lines: 2, comments: 1, unparsed: 0, nodes: 11 });
  expect(Object.fromEntries(census.counts)).toEqual({
    Program: 1,
    ExportNamedDeclaration: 1,
    VariableDeclaration: 1,
    VariableDeclarator: 1,
    ArrowFunctionExpression: 1,
    BinaryExpression: 1,
    Identifier: 5,
  });
  expect(census.deepest).toEqual({ size: 7, path: "one.js" });
  expect(census.longestFunction).toEqual({ size: "(a, b) => a + b".length, path: "one.js" });
});

test("holes, null fields and empty files are no nodes", () => {
  const { counts } = countText("[, 1]; for (;;) break;");
  expect(Object.fromEntries(counts)).toMatchObject({ ArrayExpression: 1, Literal: 1, ForStatement: 1, BreakStatement: 1 });
  expect(countText("")).toMatchObject({ lines: 0, nodes: 1 });
});

test("a file that is no JavaScript is counted as such", () => {
  expect(countText("this is not code")).toMatchObject({ files: 1, unparsed: 1, nodes: 0 });
});

test("the merged table is the same in any order and any split", () => {
  const root = threeRoot();
  const paths = readSources(root, ["src/math"]).files.map((file) => file.path);
  const whole = censusTable(takeCensus({ root, paths }));
  const parts = paths.map((path) => takeCensus({ root, paths: [path] }));
  expect(censusTable(sumOf(parts))).toBe(whole);
  expect(censusTable(sumOf(parts.reverse()))).toBe(whole);
  const { types } = JSON.parse(whole) as { types: [string, number][] };
  expect(types.map(([, count]) => count)).toEqual(types.map(([, count]) => count).sort((a, b) => b - a));
});

test("the same sources have the same hash, others another", () => {
  const root = threeRoot();
  const math = readSources(root, ["src/math"]);
  expect(readSources(root, ["src/math"])).toEqual(math);
  expect(readSources(root, ["src/core"]).sha256).not.toBe(math.sha256);
  expect(math.totalBytes).toBeGreaterThan(100_000);
});
