/** The pages in a browser: drawn by day and by night, and never wider than the window, a phone's included. */
import type { PNG } from "pngjs";
import { describe, expect, test, vi } from "vitest";
import { benchPage, jobsPage } from "../../bench/report/index.ts";
import { asked, chromium, drawn, type Look } from "./chromium.ts";
import { benchReport, jobResult, labReport, recordingOfTurns, result, wrongJob } from "./support.ts";

vi.setConfig({ testTimeout: 120_000 });

const LONG = "a scenario with_a_very_long_name_that_has_no_place_to_break_it_and_goes_on_and_on_without_end";
const names = ["census", "search"];
const PAGES = {
  lab: jobsPage(
    labReport(
      [
        ...names.map((name) => jobResult(name)),
        wrongJob("outline"),
        jobResult("long", { title: LONG, outcome: LONG, pattern: "error group" }),
      ],
      { busy: true, quick: true },
    ),
    new Map(names.map((name) => [name, recordingOfTurns(40)])),
  ),
  bench: benchPage(
    benchReport(
      [
        ...["heddle, reserve/commit and recvInto", "message-port, transferring", LONG].map((name, i) =>
          result("S7", LONG, name, 1_000_000 * (i + 1)),
        ),
        ...[1, 10, 100, 1_000].flatMap((us) => {
          const title = `tasks of about ${us < 1_000 ? `${us} µs` : `${us / 1_000} ms`}, no payload, on 2 threads`;
          return ["plain", "heddle, pool", "piscina", "bare Workers, split beforehand"].map((name, i) =>
            result("sweep", title, name, us / (i + 1) + i, "µs/task"),
          );
        }),
      ],
      { targets: [{ id: "S1", target: LONG, ratio: 1.234, met: false }] },
    ),
  ),
};

const LOOKS: Readonly<Record<string, Look>> = {
  wide: { width: 1200, height: 1600 },
  "wide and dark": { width: 1200, height: 1600, dark: true },
  phone: { width: 500, height: 1600 }, // the narrowest window Chromium makes
};

/** How bright the corner is, and how much of the picture is not of that colour. */
function seen({ data, width, height }: PNG): { behind: number; inkShare: number } {
  let other = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (Math.abs(data[i]! - data.at(-4)!) + Math.abs(data[i + 1]! - data.at(-3)!) + Math.abs(data[i + 2]! - data.at(-2)!) > 60) other++;
  }
  return { behind: data.at(-4)!, inkShare: other / (width * height) };
}

describe.skipIf(chromium === undefined)(`in ${chromium ?? "Chromium (not installed here)"}`, () => {
  describe.each(Object.entries(PAGES))("%s", (_, page) => {
    test.each(Object.entries(LOOKS))("%s: drawn, in its scheme", (_, look) => {
      const { behind, inkShare } = seen(drawn(page, look));
      expect(inkShare).toBeGreaterThan(0.01);
      expect(inkShare).toBeLessThan(0.6);
      if (look.dark) expect(behind).toBeLessThan(64);
      else expect(behind).toBeGreaterThan(192);
    });

    test.each([1200, 390, 320])("%i pixels: nothing reaches beyond the window", (width) => {
      // in a frame, for no window of the browser is as narrow as a phone
      const framed = `<!doctype html><title>x</title><body><iframe style="width:${width}px;height:900px;border:0"></iframe></body>`;
      const script = `
        const { contentDocument: inner } = document.querySelector("iframe");
        inner.open();
        inner.write(${JSON.stringify(page).replaceAll("</", "<\\/")});
        inner.close();
        return inner.documentElement.scrollWidth;`;
      expect(asked(framed, { width: 1300, height: 900 }, script)).toBe(width);
    });

    test("its bars, lanes and curves have a size", () => {
      const sizes = asked(
        page,
        LOOKS.wide!,
        `return [...document.querySelectorAll("svg")].filter((one) => !one.closest("details")).map((one) => one.getBoundingClientRect()).map(({ width, height }) => [width, height])`,
      );
      for (const [width, height] of sizes as [number, number][]) {
        expect(width).toBeGreaterThan(60);
        expect(height).toBeGreaterThan(15);
      }
    });
  });
});
