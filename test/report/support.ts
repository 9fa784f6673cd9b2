/** Support for the report's tests: figures made up to measure, and pages read back by a parser that forgives nothing. */
import { type DefaultTreeAdapterMap, type ParserError, parse, defaultTreeAdapter as tree } from "parse5";
import type { Report, Result } from "../../bench/harness/report.ts";
import type { LabReport } from "../../bench/lab/page.ts";
import type { JobResult } from "../../bench/lab/result.ts";
import type { Recording } from "../../bench/report/recording/recording.ts";

type Node = DefaultTreeAdapterMap["node"];
type Element = DefaultTreeAdapterMap["element"];

export interface Read {
  /** What the parser had to put right. */
  readonly errors: readonly string[];
  /** All elements of a name, or all. */
  elements(name?: string): Element[];
}

export function read(page: string): Read {
  const errors: string[] = [];
  const document = parse(page, {
    sourceCodeLocationInfo: true,
    onParseError: ({ code, startLine }: ParserError) => errors.push(`${code} in line ${startLine}`),
  });
  const all: Element[] = [];
  const visit = (node: Node) => {
    if (tree.isElementNode(node)) all.push(node);
    if ("childNodes" in node) for (const child of node.childNodes) visit(child);
  };
  visit(document);
  // an element that was never closed is no parse error where another one's end closes it
  for (const { tagName, sourceCodeLocation: at } of all) {
    if (at && !at.endTag && !VOID.includes(tagName) && !page.slice(at.startOffset, at.startTag?.endOffset).endsWith("/>")) {
      errors.push(`<${tagName}> without an end`);
    }
  }
  return { errors, elements: (name) => all.filter(({ tagName }) => name === undefined || tagName === name) };
}

const VOID = ["meta", "br", "img", "link", "input", "hr", "col"];

export function textOf(node: Node): string {
  if (tree.isTextNode(node)) return node.value;
  return "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((one) => one.name === name)?.value;
}

const HASH = "ab".repeat(32);

export function jobResult(name: string, made: Partial<JobResult> = {}): JobResult {
  return {
    name,
    pattern: "fan-out",
    title: `work of ${name}; sha256 ${HASH}`,
    plainMs: 400,
    inlineMs: 410,
    threadsMs: 220,
    ceilingMs: 210,
    speedUp: 1.818,
    ceilingSpeedUp: 1.905,
    shareOfCeiling: 0.955,
    inlineToPlain: 1.025,
    equal: true,
    differs: [],
    outputSha256: HASH,
    output: `${name}.json`,
    outcome: `12 things of ${name}`,
    trace: `trace-${name}.json`,
    threads: 2,
    othersShare: 0.01,
    warmUps: 2,
    rounds: 3,
    cpuMs: { plain: 401, inline: 411, threads: 440, ceiling: 421 },
    samplesMs: { plain: [390, 400, 420], inline: [405, 410, 415], threads: [215, 220, 240], ceiling: [205, 210, 212] },
    hashes: { plain: [HASH], inline: [HASH], threads: [HASH], ceiling: [HASH] },
    input: { files: 12, sha256: HASH },
    ...made,
  };
}

export function wrongJob(name: string): JobResult {
  return jobResult(name, {
    ...{ plainMs: null, inlineMs: null, threadsMs: null, ceilingMs: null, speedUp: null, ceilingSpeedUp: null },
    ...{ shareOfCeiling: null, inlineToPlain: null, equal: false, differs: ["threads"], rounds: 0, trace: null, cpuMs: {}, samplesMs: {} },
    hashes: { plain: [HASH], inline: [HASH], threads: ["cd".repeat(32)], ceiling: [HASH] },
  });
}

export function labReport(jobs: readonly JobResult[], made: { busy?: boolean; quick?: boolean } = {}): LabReport {
  const { busy = false, quick = false } = made;
  return {
    jobs,
    machine: {
      ...{ cores: 2, cpuModel: "A <made-up> processor", memoryGiB: 8, platform: "linux x64", loadAverage: 0.1, loadAverageAfter: 0.5 },
      idleness: { loadAverage: 0.1, gate: 0.7, busyShare: busy ? 0.42 : 0.02, waitedMs: 500, busy },
    },
    versions: { node: "20.0.0", v8: "11.0", heddle: "0.0.1", acorn: "8.0.0", three: "0.1.0", bcryptjs: "3.0.0", pngjs: "7.0.0" },
    settings: { threads: 2, quick },
    input: {},
    totalMs: 61_000,
    at: "2026-01-02T03:04:05.000Z",
  };
}

/** Two threads that take turns at work which main hands out one by one. */
export function recordingOfTurns(turns: number): Recording {
  const calls = Array.from({ length: turns }, (_, i) => ({ lane: 1 + (i % 2), name: "work", begin: 10 * i + 2, end: 10 * i + 18 }));
  return {
    ms: 10 * turns + 20,
    lanes: ["main", "thread 1", "thread 2"].map((name, i) => ({ name, threadId: i * 3 })),
    calls,
    crossings: calls.flatMap(({ lane, begin, end }) => [
      { what: "value" as const, from: 0, to: lane, sent: begin - 2, received: begin, count: 1 },
      { what: "value" as const, from: lane, to: 0, sent: end, received: end + 1, count: 1 },
    ]),
    lost: 0,
  };
}

export function result(id: string, scenario: string, contender: string, median: number, unit = "ns/item"): Result {
  return { id, scenario, contender, unit, median, min: median * 0.9, max: median * 1.2, rounds: 7 };
}

export function benchReport(results: readonly Result[], made: Partial<Report> = {}, machine: Partial<Report["machine"]> = {}): Report {
  return {
    machine: {
      ...{ cores: 2, cpuModel: "A <made-up> processor", memoryGiB: 8, platform: "linux x64", versions: { node: "20.0.0" } },
      ...{ loadAverage: [0.1, 0.9], othersShare: 0.01, busy: false, waitedMs: 0, quick: false, skipped: [], failed: [], later: {} },
      ...machine,
    } as Report["machine"],
    results,
    targets: [],
    ...made,
  };
}
