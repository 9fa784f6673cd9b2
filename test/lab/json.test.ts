/** The aggregation: right sums, records that read back, and a merge that does not care about order. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { aggregate, sumOf, type TokenRecord } from "../../bench/lab/json/aggregate.ts";
import { writeRecords } from "../../bench/lab/json/records.ts";
import { describeGroups, groupTable } from "../../bench/lab/json/table.ts";
import { readSources, threeRoot } from "../../bench/lab/sources.ts";
import { temporaryFolder } from "./support.ts";

function recordsOf(text: string) {
  const root = temporaryFolder();
  writeFileSync(join(root, "one.js"), text);
  const source = { path: "one.js", lengthBytes: Buffer.byteLength(text) };
  return writeRecords({ root, files: [source], totalBytes: source.lengthBytes, sha256: "" }, join(root, "tokens.ndjson"), 10);
}

test("a record for every token, a line for every record", () => {
  const { path, count, totalBytes } = recordsOf("let löß =\n  `a $" + "{1}`;");
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const records = lines.map((line) => JSON.parse(line) as TokenRecord);
  expect(records.map(({ text }) => text)).toEqual(["let", "löß", "=", "`", "a ", "${", "1", "}", "", "`", ";"]);
  expect(records[1]).toEqual({ file: "one.js", line: 1, column: 4, type: "name", text: "löß" });
  expect(records[6]).toMatchObject({ line: 2, column: 7, type: "num" });
  expect(count).toBe(lines.length);
  expect(totalBytes).toBe(readFileSync(path).length);
});

test("counts what can be counted by hand", () => {
  const groups = aggregate(recordsOf("a; bcd;\nefg;"));
  expect([...groups.values()]).toEqual([
    { type: "name", count: 3, characters: 7, longest: { characters: 3, file: "one.js", line: 1, column: 3 } },
    { type: ";", count: 3, characters: 3, longest: { characters: 1, file: "one.js", line: 1, column: 1 } },
  ]);
  expect(describeGroups(groupTable(groups))).toBe("6 records of 2 types; most frequent: ; 3, name 3");
});

test("the ranges are the whole file, in order, and the table is the same in any order and any split", () => {
  const sources = readSources(threeRoot(), ["src/math"]);
  const { path, ranges, totalBytes, count } = writeRecords(sources, join(temporaryFolder(), "tokens.ndjson"), 50_000);
  expect(ranges.length).toBeGreaterThan(10);
  let byteOffset = 0;
  for (const range of ranges) {
    expect(range.byteOffset).toBe(byteOffset);
    byteOffset += range.lengthBytes;
  }
  expect(byteOffset).toBe(totalBytes);
  const whole = groupTable(aggregate({ path, ranges }));
  const parts = () => ranges.map((range) => aggregate({ path, ranges: [range] }));
  expect(groupTable(sumOf(parts()))).toBe(whole);
  expect(groupTable(sumOf(parts().reverse()))).toBe(whole);
  expect(describeGroups(whole)).toContain(`${count.toLocaleString("en")} records`);
});

test("a file that ends too soon is no smaller sum", () => {
  const { path, ranges } = recordsOf("a; b;");
  writeFileSync(path, "");
  expect(() => aggregate({ path, ranges })).toThrow("got 0");
});
