// docs/errors.md and the sources name the same codes, and every code of the page has a class, a cause and a fix.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { withoutComments } from "../../scripts/check-architecture.js";
import * as heddle from "../../src/index.ts";
import { ROOT, textOf } from "./blocks.ts";

/** Codes of Node's own that the sources look for, and the page names at its end. */
const OF_NODE = ["ERR_ACCESS_DENIED", "ERR_MODULE_NOT_FOUND", "ERR_WORKER_OUT_OF_MEMORY"];

const sources = readdirSync(`${ROOT}/src`, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.[jt]s$/.test(name) && !name.includes("generated"))
  .map((name) => withoutComments(readFileSync(`${ROOT}/src/${name}`, "utf8")) as string);
const inSources = new Set(sources.flatMap((code) => code.match(/(?<=["'])(?:(?:ERR|HEDDLE)_[A-Z_]+|ABORT_ERR)(?=["'])/g) ?? []));

const page = textOf("docs/errors.md");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| |\|$/g, "").trim()));
const codes = rows.map(([code]) => code!.slice(1, -1));

describe("docs/errors.md", () => {
  it("names every code of the sources, and no other", () => {
    expect(inSources.size).toBeGreaterThan(40);
    expect([...codes].sort()).toEqual([...inSources].filter((code) => !OF_NODE.includes(code)).sort());
    for (const code of OF_NODE) expect(page).toContain(code);
  });

  it("is in order, with nothing left empty", () => {
    const errors = codes.filter((code) => !code.startsWith("HEDDLE_"));
    expect(errors).toEqual([...errors].sort());
    expect(rows.filter((cells) => cells.length !== (cells[0]!.startsWith("`HEDDLE_") ? 3 : 4) || cells.includes(""))).toEqual([]);
  });

  it("names classes that there are", () => {
    const named = new Set(rows.filter((cells) => cells.length === 4).flatMap((cells) => cells[1]!.split(", ")));
    expect([...named].filter((name) => !(name in heddle) && name !== "AggregateError")).toEqual([]);
  });
});
