// Parts of the documentation that a command makes are as it makes them.

import { describe, expect, it } from "vitest";
import { breakEvenOf, figuresOf, withFigures } from "../../scripts/docs/figures.js";
import { dependencies, pageOf } from "../../scripts/docs/third-party.js";
import { ROOT, textOf } from "./blocks.ts";

describe("made by a command", () => {
  it("README.md shows the figures of docs/benchmarks.md and docs/lab.md (npm run docs:figures)", () => {
    const readme = textOf("README.md");
    expect(withFigures(readme, figuresOf(textOf("docs/benchmarks.md"), textOf("docs/lab.md")))).toBe(readme);
  });

  it("docs/when-not-to.md shows the break-even of docs/benchmarks.md (npm run docs:figures)", () => {
    const page = textOf("docs/when-not-to.md");
    expect(withFigures(page, breakEvenOf(textOf("docs/benchmarks.md")))).toBe(page);
    expect(breakEvenOf("## Targets\n\nmany\n\n## When not to use threads\n\nWhen short.\n\n## Results\n")).toBe("When short.");
  });

  it("figures that are missing are no empty cells", () => {
    expect(() => figuresOf("### S1 another scenario\n", textOf("docs/lab.md"))).toThrow(/no scenario/);
    expect(() => figuresOf(textOf("docs/benchmarks.md").replaceAll("| piscina |", "| other |"), textOf("docs/lab.md"))).toThrow(
      /"piscina"/,
    );
  });

  it("THIRD-PARTY.md names what is installed (npm run docs:third-party)", () => {
    const list = dependencies(ROOT.replace(/\/$/, ""));
    expect(list.map(({ name }) => name)).toEqual(expect.arrayContaining(["piscina", "comlink", "msgpackr"]));
    expect(pageOf(list)).toBe(textOf("THIRD-PARTY.md"));
  });

  it("README.md is one page", () => {
    expect(textOf("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });
});
