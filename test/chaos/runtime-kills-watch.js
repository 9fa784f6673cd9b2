// The clocks of the runtime's chaos test: a limit on a promise, and a thread that notices when the supervising thread stands still.

import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { books, WORDS } from "./runtime-kills-books.js";

/** Ends the process when the supervising thread stands still for 30 s: it must never block, and while it does nothing here could tell. */
export function watch(buffer) {
  const { i32 } = books(buffer);
  const pulse = setInterval(() => Atomics.add(i32, WORDS.PULSE, 1), 200).unref();
  const source = `
    const { workerData: { i32, pulse, still } } = require("node:worker_threads");
    for (let last = -1, seconds = 0; seconds < 30; Atomics.wait(i32, still, 0, 1_000)) {
      const now = Atomics.load(i32, pulse);
      seconds = now === last ? seconds + 1 : 0;
      last = now;
    }
    require("node:fs").writeSync(1, '{"probe":"runtime-kills","ok":false,"hung":1,"problems":["the supervising thread stands still"]}\\n');
    process.kill(process.pid, "SIGKILL");`;
  const thread = new Worker(source, { eval: true, workerData: { i32, pulse: WORDS.PULSE, still: WORDS.STILL } });
  thread.unref();
  return async () => {
    clearInterval(pulse);
    await thread.terminate();
  };
}

/** What the promise gives, or undefined after a while; the clock keeps nothing alive afterwards. */
export async function within(promise, limitMs) {
  const clock = new AbortController();
  const late = sleep(limitMs, undefined, { signal: clock.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clock.abort();
  }
}
