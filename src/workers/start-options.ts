// What a runtime can be started with: the options, their defaults and checks.

import { virtualClock } from "../runtime/clock.ts";
import { invalidArg } from "../runtime/errors.ts";
import { usableCores } from "../runtime/memory/cores.ts";
import { DEFAULT_CEILING_BYTES, MAX_CEILING_BYTES, MIN_CEILING_BYTES } from "../runtime/memory/heap.ts";
import * as L from "../runtime/memory/layout.ts";
import { resolveModule } from "./module-ref.ts";
import { type DeadlockMode, defaultMode } from "./seeing/watch.ts";

const DEFAULT_MAX_DEDICATED = 64;
const DEFAULT_START_MS = 30_000;
const DEFAULT_TERMINATE_MS = 2_000;
const MIN_THREAD_HEAP_MB = 16;
const MAX_THREAD_HEAP_MB = 65_536;
/** The engine's limit as a multiple of the watchdog's. */
const ENGINE_HEADROOM = 4;
const MAX_YOUNG_MB = 32;

/** Options of Runtime.start(). */
export interface StartOptions {
  /** OS threads for light tasks. Default: the cores this process may use. 0: everything runs on the calling thread. */
  threads?: number;
  /** Dedicated tasks at a time, each with an OS thread of its own beside `threads`. Default 64, minimum 0. */
  maxDedicated?: number;
  /** Ceiling of the shared heap in bytes; reserved, and committed by the system as it is used. Default 512 MiB, minimum 2 MiB, maximum 4 GiB − 64 KiB. */
  heapBytes?: number;
  /**
   * 'virtual', with `threads: 0`: time stands still while anything can run and jumps to the next timer when all are asleep. For tests; only of this
   * library's waits, not of I/O or setTimeout. Default 'real'.
   */
  clock?: "real" | "virtual";
  /** With a virtual clock: what is ready at the same time goes on in an order drawn from this number, the same each time. A whole number from 0. */
  seed?: number;
  /**
   * A module that every thread imports before its first task, and with `threads: 0` the calling thread: what sets up tracing, polyfills and the like. A
   * thread on which it fails has not started. A URL, as for rt.module().
   */
  init?: URL | string;
  /**
   * What happens when waits can never end (docs/inspect.md tells which are found). 'report': listeners of rt.on("deadlock") are told, and if there are none it
   * is an unhandled rejection; 'throw': the waits end with ERR_DEADLOCK as well. Default: 'report' where a test runner runs (NODE_ENV=test, Vitest,
   * node:test), else 'off'.
   */
  deadlocks?: DeadlockMode;
  /** Tasks started here are timed for rt.stats(), some 500 ns each. Default false. */
  timings?: boolean;
  /** V8 limits of each thread, in MiB, as worker_threads takes them. */
  resourceLimits?: { maxOldGenerationSizeMb?: number; maxYoungGenerationSizeMb?: number; stackSizeMb?: number };
  /**
   * A thread that uses more JavaScript heap than this, in MiB, is stopped with the reason 'out-of-memory' and replaced, instead of the engine running out
   * of memory, which can end the whole process. The engine's own limits (resourceLimits) are set well above unless given. Off by default, minimum 16. On
   * Node 20 a thread looks itself, between its tasks. Shared and array buffers are not counted.
   */
  threadHeapMb?: number;
  /**
   * True: any loop can be stopped by killing its thread, for which some engines (Node 24 and 26) need a flag, set for the whole process. False: no flag
   * and no warning. Default: no flag, and a warning where the engine needs it.
   */
  killableLoops?: boolean;
  /** How long a thread may take to be ready, and to import a task's module, in milliseconds; then that has failed. Default 30,000, minimum 1, Infinity allowed. */
  startMs?: number;
  /**
   * How long a thread may take to exit once it was told to, in milliseconds. One that takes longer (a native call, an open that never returns) can change
   * nothing any more, counts as a zombie and is replaced. Default 2,000, minimum 0, Infinity allowed.
   */
  terminateMs?: number;
}

export interface Checked {
  readonly threads: number;
  readonly maxDedicated: number;
  readonly heapBytes: number;
  readonly isVirtual: boolean;
  readonly seed: number | undefined;
  readonly deadlocks: DeadlockMode;
  readonly timings: boolean;
  readonly init: string | undefined;
  readonly startMs: number;
  readonly terminateMs: number;
  readonly killableLoops: boolean | undefined;
  readonly threadHeapBytes: number;
  readonly resourceLimits: StartOptions["resourceLimits"];
}

export function checkOptions(options: StartOptions): Checked {
  if (typeof options !== "object" || options === null) throw invalidArg("Runtime.start: options", "an object", options);
  const { threads = usableCores(), maxDedicated = DEFAULT_MAX_DEDICATED, heapBytes = DEFAULT_CEILING_BYTES } = options;
  const most = L.SLOT_COUNT / 2;
  if (!Number.isInteger(threads) || threads < 0 || threads > most) throw invalidArg("threads", `a whole number from 0 to ${most}`, threads);
  if (!Number.isInteger(maxDedicated) || maxDedicated < 0 || maxDedicated > most) {
    throw invalidArg("maxDedicated", `a whole number from 0 to ${most}`, maxDedicated);
  }
  if (!Number.isInteger(heapBytes) || heapBytes < MIN_CEILING_BYTES || heapBytes > MAX_CEILING_BYTES) {
    throw invalidArg("heapBytes", `a whole number from ${MIN_CEILING_BYTES} to ${MAX_CEILING_BYTES}`, heapBytes);
  }
  const { deadlocks = defaultMode(), timings = false } = options;
  if (deadlocks !== "report" && deadlocks !== "throw" && deadlocks !== "off")
    throw invalidArg("deadlocks", "'report', 'throw' or 'off'", deadlocks);
  if (typeof timings !== "boolean") throw invalidArg("timings", "true or false", timings);
  const { clock = "real", seed } = options;
  if (clock !== "real" && clock !== "virtual") throw invalidArg("clock", "'real' or 'virtual'", clock);
  const isVirtual = clock === "virtual";
  if (isVirtual && threads !== 0) throw invalidArg("clock", "'real', or threads: 0", `'virtual' with threads: ${threads}`);
  if (seed !== undefined && !isVirtual) throw invalidArg("seed", "clock: 'virtual' beside it", `clock: '${clock}'`);
  if (seed !== undefined && (!Number.isInteger(seed) || seed < 0)) throw invalidArg("seed", "a whole number from 0", seed);
  if (virtualClock()) throw invalidArg("Runtime.start", "no runtime with a virtual clock open on this thread", "a second runtime");
  const { init, startMs = DEFAULT_START_MS, terminateMs = DEFAULT_TERMINATE_MS } = options;
  if (typeof startMs !== "number" || !(startMs >= 1)) throw invalidArg("startMs", "milliseconds, 1 or more", startMs);
  if (typeof terminateMs !== "number" || !(terminateMs >= 0)) throw invalidArg("terminateMs", "milliseconds, 0 or more", terminateMs);
  return {
    threads,
    maxDedicated,
    heapBytes,
    isVirtual,
    seed,
    deadlocks,
    timings,
    init: init === undefined ? undefined : resolveModule(init),
    startMs,
    terminateMs,
    ...checkMemory(options),
  };
}

function checkMemory({ threadHeapMb, killableLoops, resourceLimits }: StartOptions) {
  if (resourceLimits !== undefined && (typeof resourceLimits !== "object" || resourceLimits === null)) {
    throw invalidArg("resourceLimits", "an object of worker_threads' resourceLimits", resourceLimits);
  }
  if (killableLoops !== undefined && typeof killableLoops !== "boolean") throw invalidArg("killableLoops", "true or false", killableLoops);
  if (threadHeapMb === undefined) return { killableLoops, threadHeapBytes: Number.POSITIVE_INFINITY, resourceLimits };
  if (typeof threadHeapMb !== "number" || !(threadHeapMb >= MIN_THREAD_HEAP_MB) || threadHeapMb > MAX_THREAD_HEAP_MB) {
    throw invalidArg("threadHeapMb", `MiB, from ${MIN_THREAD_HEAP_MB} to ${MAX_THREAD_HEAP_MB}`, threadHeapMb);
  }
  // Room for what is allocated before the watchdog sees it, and little of it where the watchdog's figure lags behind.
  const limits = { maxOldGenerationSizeMb: ENGINE_HEADROOM * threadHeapMb, maxYoungGenerationSizeMb: MAX_YOUNG_MB, ...resourceLimits };
  return { killableLoops, threadHeapBytes: threadHeapMb * 2 ** 20, resourceLimits: limits };
}
