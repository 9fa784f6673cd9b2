/** The lab's page: everything in it comes from the figures, nothing it needs lies outside, and what is wrong is said. */
import { expect, test } from "vitest";
import { jobsPage } from "../../bench/report/index.ts";
import type { Recording } from "../../bench/report/recording/recording.ts";
import { attribute, jobResult, labReport, read, recordingOfTurns, textOf, wrongJob } from "./support.ts";

const JOBS = ["census", "search", "outline"];
const jobs = JOBS.map((name) => jobResult(name));
const recordings = new Map(JOBS.map((name) => [name, recordingOfTurns(9)]));
const page = jobsPage(labReport(jobs), recordings);

test("it is well formed", () => {
  expect(read(page).errors).toEqual([]);
  expect(read("<!doctype html><html><head><title>x</title></head><body><p>a<div>b</div></p></body></html>").errors).not.toEqual([]);
});

test("it loads nothing", () => {
  const { elements } = read(page);
  for (const name of ["script", "link", "img", "iframe", "object", "use", "image"]) expect(elements(name)).toEqual([]);
  for (const element of elements()) for (const { name } of element.attrs) expect(name).not.toMatch(/^(src|srcset|on.*|xlink:href)$/);
  expect(page).not.toMatch(/https?:\/\//);
  expect(page).not.toMatch(/@import|url\(/);
  for (const a of elements("a")) expect(attribute(a, "href")).toMatch(/^(#[a-z0-9-]+|[\w.-]+\.json)$/);
});

test("every link within it leads somewhere", () => {
  const { elements } = read(page);
  const ids = elements().flatMap((element) => attribute(element, "id") ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  for (const a of elements("a")) {
    const href = attribute(a, "href")!;
    if (href.startsWith("#")) expect(ids).toContain(href.slice(1));
  }
});

test("text is text, whatever it says", () => {
  const evil = `<script>alert("x")</script> & 'more'`;
  const made = jobResult("a-job", { pattern: evil, title: evil, outcome: evil, output: `${evil}.json`, input: { [evil]: evil } });
  const recording: Recording = { ...recordingOfTurns(2), calls: [{ lane: 1, name: evil, begin: 0, end: 5 }] };
  const text = jobsPage(labReport([made]), new Map([["a-job", recording]]));
  expect(read(text).errors).toEqual([]);
  expect(read(text).elements("script")).toEqual([]);
  expect(
    textOf(
      read(text)
        .elements("h2")
        .find((h2) => attribute(h2, "id") === "a-job")!,
    ),
  ).toBe(`a-job ${evil}`);
  expect(textOf(read(text).elements("main")[0]!).split(evil).length).toBeGreaterThan(5);
});

test("each job has its section: what came out, times, speed-up, the picture and the recording behind it", () => {
  const sections = read(page).elements("section");
  expect(sections.map((section) => attribute(section, "aria-labelledby"))).toEqual(JOBS);
  for (const [i, section] of sections.entries()) {
    const text = textOf(section).replace(/\s+/g, " ");
    expect(text).toContain("✓ equal All 21 runs gave the same bytes"); // (2 + 3) × 4 variants, and the recorded one
    expect(text).toContain(`12 things of ${JOBS[i]}`);
    expect(text).toContain("On 2 threads 1.82 × as fast as the plain loop; the ceiling is 1.91 ×, of which this is 96 %");
    for (const words of ["plain401 ms of processor time", "400390 – 420", "220215 – 240", "210205 – 212"]) expect(text).toContain(words);
    expect(text).toContain("A recorded run: 110 ms on 2 threads beside main: 9 calls of work; 18 values crossed between threads.");
    expect(text).toContain(`trace-${JOBS[i]}.json`);
    expect(text).not.toContain(`of ${JOBS[i]}; sha256`);
  }
});

test("what is drawn is said: figures have names or tables, tables have captions and headed columns", () => {
  const { elements } = read(page);
  for (const svg of elements("svg")) {
    const isHidden = attribute(svg, "aria-hidden") === "true";
    expect(isHidden || (attribute(svg, "role") === "img" && attribute(svg, "aria-label")!.length > 20)).toBe(true);
  }
  for (const table of elements("table")) {
    expect(table.childNodes[0]!.nodeName).toBe("caption");
    expect(
      read(
        `<!doctype html><title></title>${page.slice(table.sourceCodeLocation!.startOffset, table.sourceCodeLocation!.endOffset)}`,
      ).elements("th").length,
    ).toBeGreaterThan(3);
  }
  for (const th of elements("th")) expect(attribute(th, "scope")).toMatch(/^(row|col)$/);
  const levels = elements().flatMap(({ tagName }) => (/^h[1-6]$/.test(tagName) ? [Number(tagName[1])] : []));
  expect(levels[0]).toBe(1);
  for (const [i, level] of levels.entries()) if (i > 0) expect(level - levels[i - 1]!).toBeLessThanOrEqual(1);
  expect(attribute(elements("html")[0]!, "lang")).toBe("en");
});

test("both schemes are there, each with a value for every colour", () => {
  const style = textOf(read(page).elements("style")[0]!);
  const [light, dark] = [...style.matchAll(/:root\{([^}]*)\}/g)].map(
    ([, body]) => new Map([...body!.matchAll(/--(\w+):([^;]+)/g)].map(([, name, value]) => [name!, value!])),
  );
  expect(style).toContain("@media (prefers-color-scheme:dark){:root{");
  expect([...dark!.keys()]).toEqual([...light!.keys()]);
  for (const [, name] of style.matchAll(/var\(--(\w+)/g)) expect([...light!.keys(), "colour"]).toContain(name);
  for (const scheme of [light!, dark!]) {
    for (const text of ["ink", "quiet", "link", "good", "bad"]) {
      for (const behind of ["paper", "card"])
        expect(contrast(scheme.get(text)!, scheme.get(behind)!), `${text} on ${behind}`).toBeGreaterThan(4.5);
    }
    for (const drawn of ["plain", "inline", "threads", "ceiling", "one", "two", "three", "four", "five", "six"]) {
      expect(contrast(scheme.get(drawn)!, scheme.get("card")!), drawn).toBeGreaterThan(3);
    }
  }
});

/** As WCAG 2 has it. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

test("a wrong output is shown as wrong, and has no speed", () => {
  const text = jobsPage(labReport([jobResult("good"), wrongJob("bad")]), new Map([["good", recordingOfTurns(4)]]));
  const { errors, elements } = read(text);
  expect(errors).toEqual([]);
  const [header] = elements("header").map(textOf);
  expect(header).toContain("Wrong output: not all variants of bad gave the same.");
  const section = elements("section").find((one) => attribute(one, "aria-labelledby") === "bad")!;
  expect(textOf(section)).toContain("Wrong: the output of threads differs");
  expect(textOf(section)).toContain("cd".repeat(32));
  expect(textOf(section)).not.toMatch(/\d ×|\d ms|equal/);
  const row = elements("tr").find((tr) => textOf(tr).startsWith("bad"))!;
  expect(textOf(row)).toContain("✗ threads");
  expect(textOf(row)).not.toMatch(/\d/);
  expect(textOf(elements("dl")[0]!)).toContain("1 of 2");
});

test("a busy machine and a quick run say so, and an idle one does not", () => {
  const header = (text: string) => textOf(read(text).elements("header")[0]!);
  expect(header(page)).not.toMatch(/busy|quick|Wrong/);
  expect(header(jobsPage(labReport(jobs, { busy: true, quick: true }), recordings))).toMatch(
    /A busy machine\. Other programs used up to 42 %.*A quick run\./s,
  );
  const disturbed = jobsPage(labReport([jobResult("census", { othersShare: 0.31 }), jobResult("search")]), recordings);
  expect(header(disturbed)).toContain("up to 31 % of the cores during census.");
  expect(textOf(read(disturbed).elements("section")[0]!)).toContain("Others used 31 % of the cores meanwhile.");
});

test("machine, versions and settings are those of the figures", () => {
  const text = textOf(read(page).elements("main")[0]!);
  for (const word of ["2 × A <made-up> processor", "linux x64", "acorn8.0.0", "threads2", "quickfalse", "0.1 before, 0.5 after"])
    expect(text).toContain(word);
});

test("a picture of very much stays small, and says what it leaves out", () => {
  const many = jobsPage(labReport([jobResult("many")]), new Map([["many", recordingOfTurns(40_000)]]));
  expect(many.length).toBeLessThan(400_000);
  expect(many).toContain("40,000 calls of work; 80,000 values crossed");
  expect(many).toMatch(/every 160th is drawn/);
  const lanes = Array.from({ length: 30 }, (_, i) => ({ name: `thread ${i}`, threadId: i }));
  const crowd = jobsPage(labReport([jobResult("many")]), new Map([["many", { ...recordingOfTurns(9), lanes, lost: 3 }]]));
  expect(crowd).toContain("6 further threads not drawn.");
  expect(crowd).toContain("The last 3 events found no room in the recording.");
});
