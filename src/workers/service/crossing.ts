// Crossing: values of a call on their way to another thread. What the wire cannot carry is taken out of them and listed with its place; the other side
// puts there what stands for it: a Remote, a stream, an AbortSignal.

import { Channel, Receiver } from "../../runtime/channel/index.ts";
import { Context } from "../../runtime/context/index.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import type { Line } from "./line.ts";
import { isLive, portTo, remoteAt } from "./live.ts";
import { Stream, type StreamWire } from "./stream.ts";

type Path = readonly (string | number)[];

/** Something of a value that crosses by a way of its own, and where in the value it belongs. */
export type Part =
  | { readonly kind: "live"; readonly at: Path; readonly id: number }
  | { readonly kind: "stream"; readonly at: Path; readonly offer: StreamOffer }
  | { readonly kind: "signal"; readonly at: Path; readonly ctx: Context };

/** A stream that the supervising side gives is its wire; one that a service gives has a number, by which it is asked for. */
export type StreamOffer = StreamWire | number;

/** One side's end of what is between it and another thread. */
export interface Side {
  readonly thread: Thread;
  readonly line: Line;
  /** Aborts, with the reason, when the other side is gone. */
  readonly over: AbortSignal;
  /** A number no other port that goes this way has. */
  nextPort(): number;
  /** Has a source ready to be taken from, until `end` aborts; `onEnd` is called when nothing more will come of it. */
  offer(source: AsyncIterable<unknown>, end: AbortSignal, onEnd: () => void): StreamOffer;
  /** What the other side has offered. */
  wireOf(offer: StreamOffer): StreamWire;
}

/** Counts what outlives the call it came with: one more, one less. */
type Count = (change: 1 | -1) => void;

/** What is found in a value that is to cross. */
export interface Found {
  readonly at: Path;
  readonly value: object;
}

/** Takes out of a value what needs a way of its own: a copy of the arrays and objects above it, or the value itself if there is nothing. */
export function takeOut(value: unknown, found: Found[], at: Path = [], above: readonly object[] = []): unknown {
  if (!isObject(value) || above.includes(value)) return value;
  if (isLive(value) || value instanceof AbortSignal || isStream(value)) {
    found.push({ at, value });
    return undefined;
  }
  if (!Array.isArray(value) && !isPlain(value)) return value;
  let copy: Record<string | number, unknown> | undefined;
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key];
    const outside = takeOut(inner, found, [...at, key], [...above, value]);
    if (outside === inner) continue;
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
    copy[key] = outside;
  }
  return copy ?? value;
}

/** Whether it can be given a second time: what an iterable has given is gone. */
export function isRepeatable(found: readonly Found[]): boolean {
  return !found.some(({ value }) => isStream(value));
}

const NOTHING_FOUND = { parts: [], release: () => undefined };

/** What is found, made ready to cross. `release` takes that back, when the call they belong to is over. */
export function sendParts(found: readonly Found[], side: Side, count: Count): { parts: Part[]; release: () => void } {
  if (found.length === 0) return NOTHING_FOUND;
  const over = new AbortController();
  const undo: (() => void)[] = [() => over.abort()];
  const release = () => undo.forEach((one) => void one());
  const send = ({ at, value }: Found): Part => {
    if (value instanceof AbortSignal) {
      const canceller = Context.background(side.thread).withSignal(value);
      undo.push(() => canceller[Symbol.dispose]());
      return { kind: "signal", at, ctx: canceller.ctx };
    }
    if (isLive(value)) {
      const id = side.nextPort();
      side.line.send(id, portTo(value, side.thread, side.over));
      return { kind: "live", at, id };
    }
    const end = AbortSignal.any([side.over, over.signal]);
    const offer = side.offer(value as AsyncIterable<unknown>, end, () => count(-1));
    count(1);
    return { kind: "stream", at, offer };
  };
  try {
    return { parts: found.map(send), release };
  } catch (error) {
    release(); // no room for one of them
    throw error;
  }
}

/** Puts what stands for each part where it belongs. Answers the value itself if a part takes its place. */
export async function putIn(value: unknown, parts: readonly Part[], side: Side, count: Count): Promise<unknown> {
  const root = { value };
  for (const part of parts) {
    const path: Path = ["value", ...part.at];
    const above = path.slice(0, -1).reduce<unknown>((of, step) => (of as Record<string | number, unknown>)[step], root);
    (above as Record<string | number, unknown>)[path.at(-1)!] = await open(part, side, count);
  }
  return root.value;
}

async function open(part: Part, side: Side, count: Count): Promise<unknown> {
  if (part.kind === "signal") return part.ctx.signal;
  if (part.kind === "live") return remoteAt(await side.line.take(part.id), side.thread, side.over);
  count(1);
  return new Stream(side.wireOf(part.offer), side.over, () => count(-1));
}

function isStream(value: object): boolean {
  return Symbol.asyncIterator in value && !(value instanceof Channel) && !(value instanceof Receiver);
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as unknown;
  return prototype === Object.prototype || prototype === null;
}

/** Parts of a result nobody waits for any more: the streams are stopped, the ports closed. */
export async function discard(parts: readonly Part[], side: Side): Promise<void> {
  for (const part of parts) {
    if (part.kind === "stream") await new Stream(side.wireOf(part.offer), side.over, () => undefined).return();
    else if (part.kind === "live") (await side.line.take(part.id)).close();
  }
}
