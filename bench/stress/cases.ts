// The stress cases of channels: every capacity, on one thread, on two, with eight tasks on three, and a main thread that only awaits facing a thread
// that only blocks. Each proves: FIFO per sender, every value exactly once, close drains and then ends and wakes everyone, nothing left in the heap.

import { f64, Runtime } from "../../src/index.ts";
import type { Seen } from "./tasks.ts";
import * as local from "./tasks.ts";

export const CAPACITIES = [0, 1, 2, 7, 64] as const;

export const PLACEMENTS = [
  "one thread",
  "two threads",
  "8 tasks on 3 threads",
  "main awaits, worker sends",
  "main awaits, worker receives",
] as const;
export type Placement = (typeof PLACEMENTS)[number];

export interface CaseResult {
  placement: Placement;
  capacity: number;
  operations: number;
  ms: number;
  /** Empty when everything held. */
  faults: string[];
}

/** Runs one case with about `operations` sends. */
export async function runCase(placement: Placement, capacity: number, operations: number): Promise<CaseResult> {
  const threads = placement === "one thread" ? 0 : placement === "8 tasks on 3 threads" ? 3 : 2;
  const rt = await Runtime.start({ threads, maxDedicated: 4 });
  const faults: string[] = [];
  const started = performance.now();
  const before = rt.heapUse();
  try {
    const tasks = rt.module<typeof import("./tasks.ts")>(new URL("./tasks.js", import.meta.url));
    const channel = rt.channel(f64, capacity);
    const own = rt.with({ dedicated: true });
    const senders = placement === "8 tasks on 3 threads" ? 4 : placement === "one thread" ? 2 : 1;
    const perSender = Math.floor(operations / senders);
    let sending: PromiseLike<void>[];
    let receiving: PromiseLike<Seen>[];
    if (placement === "two threads") {
      sending = [own.go(tasks.sendBlocking, channel.sender, 0, perSender)];
      receiving = [own.go(tasks.receiveBlocking, channel.receiver, 1, perSender)];
    } else if (placement === "main awaits, worker sends") {
      sending = [own.go(tasks.sendBlocking, channel.sender, 0, perSender)];
      receiving = [local.receive(channel.receiver, 1, perSender)];
    } else if (placement === "main awaits, worker receives") {
      sending = [local.send(channel.sender, 0, perSender)];
      receiving = [own.go(tasks.receiveBlocking, channel.receiver, 1, perSender)];
    } else {
      sending = Array.from({ length: senders }, (_, id) => rt.go(tasks.send, channel.sender, id, perSender));
      receiving = Array.from({ length: senders }, () => rt.go(tasks.receive, channel.receiver, senders, perSender));
    }
    await Promise.all(sending);
    channel.close();
    faults.push(...judge(await Promise.all(receiving), senders * perSender));
  } catch (error) {
    faults.push(`threw ${(error as Error).stack}`);
  }
  const after = rt.heapUse();
  if (after.channels !== before.channels) faults.push(`${after.channels - before.channels} channels left in the heap`);
  const report = await rt.close();
  if (report.leftovers.waits !== 0) faults.push(`${report.leftovers.waits} waits left`);
  return { placement, capacity, operations, ms: performance.now() - started, faults };
}

/** Every value seen once, by whichever receiver, and none before an earlier one of its sender. */
export function judge(seen: readonly Seen[], total: number): string[] {
  const faults = seen.flatMap((one) => (one.fault === undefined ? [] : [one.fault]));
  const count = seen.reduce((sum, one) => sum + one.count, 0);
  if (count !== total) faults.push(`${count} values received of ${total}`);
  const all = new Uint8Array(seen[0]?.bits.length ?? 0);
  for (const one of seen) {
    for (let i = 0; i < all.length; i++) {
      if (all[i]! & one.bits[i]!) faults.push(`a value near ${i * 8} was received by two receivers`);
      all[i]! |= one.bits[i]!;
    }
  }
  for (let bit = 0; bit < total; bit++) {
    if ((all[bit >> 3]! & (1 << (bit & 7))) === 0) {
      faults.push(`value ${bit} was lost`);
      break;
    }
  }
  return faults;
}
