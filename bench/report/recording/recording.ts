/**
 * Recording: a run as it is told: threads, what each worked on and when, and which values went from one to another.
 */
import { type Entry, KIND, type Kind } from "./log.ts";

export interface Recording {
  /** From the first thing noted to the last. */
  readonly ms: number;
  /** The thread that started the others first, then those in the order they were started. */
  readonly lanes: readonly Lane[];
  readonly calls: readonly Call[];
  readonly crossings: readonly Crossing[];
  /** Entries that found no room. */
  readonly lost: number;
}

export interface Lane {
  readonly name: string;
  readonly threadId: number;
}

/** A function of the job at work. Times are milliseconds since the recording began. */
export interface Call {
  /** Its place among the lanes. */
  readonly lane: number;
  readonly name: string;
  readonly begin: number;
  /** Undefined: its thread died in it. */
  readonly end: number | undefined;
}

/** Values that left one lane at one time and came in on another at another: one, or as many as came in by one call. */
export interface Crossing {
  readonly what: "value" | "task" | "result" | "job";
  readonly from: number;
  readonly to: number;
  readonly sent: number;
  readonly received: number;
  readonly count: number;
}

interface Way {
  readonly what: Crossing["what"];
  readonly leaves: Kind;
  readonly arrives: Kind;
  /** Its key is used by one value at a time: what arrives is the last that left. Else they arrive in the order they left. */
  readonly isSingle: boolean;
}

const WAYS: readonly Way[] = [
  { what: "value", leaves: KIND.sent, arrives: KIND.received, isSingle: false },
  { what: "job", leaves: KIND.queued, arrives: KIND.leased, isSingle: false },
  { what: "task", leaves: KIND.asked, arrives: KIND.begun, isSingle: true },
  { what: "result", leaves: KIND.answered, arrives: KIND.heard, isSingle: true },
];

/** Makes sense of what was noted. `names`: those of the functions by number; `main`: the thread that started the others. */
export function recordingOf(entries: readonly Entry[], names: readonly string[], main: number, lost = 0): Recording {
  const start = entries.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const end = entries.reduce((most, { at, until }) => Math.max(most, at, until || 0), start);
  const others = [...new Set(entries.map(({ thread }) => thread))].filter((thread) => thread !== main).sort((a, b) => a - b);
  const threads = [main, ...others];
  const lane = new Map(threads.map((thread, i) => [thread, i]));
  const since = (at: number) => at - start;

  const calls = entries
    .filter(({ kind }) => kind === KIND.call)
    .map(({ thread, key, at, until }): Call => {
      return { lane: lane.get(thread)!, name: names[key] ?? "?", begin: since(at), end: Number.isNaN(until) ? undefined : since(until) };
    });
  const crossings = WAYS.flatMap((way) => pairs(entries, way)).map(({ what, from, to, count }): Crossing => {
    return { what, from: lane.get(from.thread)!, to: lane.get(to.thread)!, sent: since(from.at), received: since(to.at), count };
  });
  return {
    ms: entries.length === 0 ? 0 : end - start,
    lanes: threads.map((threadId, i) => ({ threadId, name: i === 0 ? "main" : `thread ${i}` })),
    calls: calls.sort((a, b) => a.begin - b.begin),
    crossings: crossings.filter(({ from, to }) => from !== to).sort((a, b) => a.sent - b.sent),
    lost,
  };
}

interface Pair {
  readonly what: Crossing["what"];
  readonly from: Entry;
  readonly to: Entry;
  readonly count: number;
}

/** Which of what left is which of what arrived. What never arrived, or left by a way that is not noted, is in none. */
function pairs(entries: readonly Entry[], { what, leaves, arrives, isSingle }: Way): Pair[] {
  const found: Pair[] = [];
  const left = new Map<number, { entry: Entry; count: number }[]>();
  const inOrder = entries.filter(({ kind }) => kind === leaves || kind === arrives).sort((a, b) => a.at - b.at);
  if (isSingle) {
    for (const entry of inOrder) {
      if (entry.kind === leaves) left.set(entry.key, [{ entry, count: 1 }]);
      else if (left.has(entry.key)) found.push({ what, from: left.get(entry.key)![0]!.entry, to: entry, count: 1 });
    }
    return found;
  }
  for (const entry of inOrder)
    if (entry.kind === leaves) (left.get(entry.key) ?? left.set(entry.key, []).get(entry.key)!).push({ entry, count: entry.count });
  for (const entry of inOrder) {
    if (entry.kind !== arrives) continue;
    const waiting = left.get(entry.key) ?? [];
    for (let open = entry.count; open > 0 && waiting.length > 0; ) {
      const first = waiting[0]!;
      const count = Math.min(open, first.count);
      found.push({ what, from: first.entry, to: entry, count });
      open -= count;
      first.count -= count;
      if (first.count === 0) waiting.shift();
    }
  }
  return found;
}
