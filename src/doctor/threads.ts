// Check: a runtime starts, a thread of it answers a thread that awaits, and everything is gone at the end.

import { f64 } from "../runtime/channel/index.ts";
import { Runtime } from "../workers/index.ts";
import type { Finding } from "./finding.ts";

const THREADS = 2;
const ROUNDS = 200;
const ECHO = "data:text/javascript,export async function echo(from,to){for await(const n of from)await to.send(n);to.close()}";

interface EchoModule {
  echo(from: unknown, to: unknown): Promise<void>;
}

export async function checkThreads(): Promise<Finding> {
  const startedMs = performance.now();
  const rt = await Runtime.start({ threads: THREADS, killableLoops: false });
  const startMs = Math.round(performance.now() - startedMs);
  try {
    const [there, back] = [rt.channel(f64, 0), rt.channel(f64, 0)];
    const echo = rt.go(rt.module<EchoModule>(ECHO).echo, there.receiver, back.sender);
    const micros: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const sentMs = performance.now();
      await there.send(i);
      const heard = await back.recv();
      if (heard !== i) throw new Error(`expected ${i} back from a thread, got ${String(heard)}`);
      micros.push((performance.now() - sentMs) * 1_000);
    }
    there.close();
    await echo;
    const roundMicros = Math.round(micros.sort((a, b) => a - b)[ROUNDS / 2]!);
    return {
      name: "threads",
      verdict: "ok",
      seen: `${THREADS} threads in ${startMs} ms; there and back in ${roundMicros} µs`,
      means: "Threads start, and promises are woken by other threads. Work much shorter than a round trip belongs where it is.",
      facts: { threads: THREADS, startMs, roundMicros },
    };
  } finally {
    await rt.close({ graceMs: 0 });
  }
}
