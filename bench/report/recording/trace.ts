/**
 * Trace: a recording in the Trace Event Format, which Perfetto and Chrome's tracing open.
 *
 * Each thread has a track for its calls, more of them where calls overlap, and one for the values that left it and came in. Values are flows between these.
 * See: "Trace Event Format", complete, flow and metadata events. Times are in microseconds.
 */
import type { Recording } from "./recording.ts";

export interface TraceEvent {
  readonly name: string;
  readonly cat?: string;
  /** X: something that lasts · s, f: where a flow starts and finishes · M: what a track is called. */
  readonly ph: "X" | "s" | "f" | "M";
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly id?: number;
  readonly bp?: "e";
  readonly args?: Readonly<Record<string, string | number>>;
}

export interface Trace {
  readonly displayTimeUnit: "ms";
  readonly otherData: Readonly<Record<string, string | number>>;
  readonly traceEvents: readonly TraceEvent[];
}

const PID = 1;
/** Tracks of a lane: its values, then its calls. */
const TRACKS = 1_000;
/** How long the passing of a value is drawn, so that there is something to begin a flow at. */
const PASSING_US = 1;

export function traceOf({ lanes, calls, crossings, ms, lost }: Recording, job: string): Trace {
  const events: TraceEvent[] = [{ name: "process_name", ph: "M", pid: PID, tid: 0, args: { name: `heddle lab: ${job}` } }];
  const nameTrack = (tid: number, name: string) => {
    events.push({ name: "thread_name", ph: "M", pid: PID, tid, args: { name } });
    events.push({ name: "thread_sort_index", ph: "M", pid: PID, tid, args: { sort_index: tid } });
  };
  for (const [lane, { name }] of lanes.entries()) nameTrack(lane * TRACKS, `${name}: values`);

  const free = new Map<number, number[]>();
  for (const { lane, name, begin, end = ms } of calls) {
    const tracks = free.get(lane) ?? free.set(lane, []).get(lane)!;
    const found = tracks.findIndex((until) => until <= begin);
    const track = found < 0 ? tracks.length : found;
    const tid = lane * TRACKS + 1 + track;
    if (found < 0) nameTrack(tid, lanes[lane]!.name);
    tracks[track] = end;
    events.push({
      name,
      cat: "call",
      ph: "X",
      pid: PID,
      tid,
      ts: us(begin),
      dur: us(end - begin),
      args: { threadId: lanes[lane]!.threadId },
    });
  }
  for (const [id, { what, from, to, sent, received, count }] of crossings.entries()) {
    const flow = { name: what, cat: "crossing", pid: PID, id };
    const [out, into] = [
      { tid: from * TRACKS, ts: us(sent) },
      { tid: to * TRACKS, ts: Math.max(us(received), us(sent)) },
    ];
    events.push({ name: `${what} out`, cat: "crossing", ph: "X", pid: PID, ...out, dur: PASSING_US, args: { count } });
    events.push({ name: `${what} in`, cat: "crossing", ph: "X", pid: PID, ...into, dur: PASSING_US, args: { count } });
    events.push({ ...flow, ph: "s", ...out }, { ...flow, ph: "f", bp: "e", ...into });
  }
  return { displayTimeUnit: "ms", otherData: { job, lost }, traceEvents: events };
}

function us(ms: number): number {
  return Number((ms * 1_000).toFixed(3));
}
