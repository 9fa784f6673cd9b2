// Check: the shared memory of a runtime, of the size it has by default.

import { DEFAULT_CEILING_BYTES, SharedHeap } from "../runtime/memory/heap.ts";
import type { Finding } from "./finding.ts";

const MIB = 2 ** 20;

export function checkHeap(askedBytes: number = DEFAULT_CEILING_BYTES): Finding {
  const startedMs = performance.now();
  const { ceilingBytes } = SharedHeap.create(askedBytes, 1).use();
  const ms = Math.round((performance.now() - startedMs) * 10) / 10;
  const finding = {
    name: "heap",
    seen: `${ceilingBytes / MIB} MiB of shared WebAssembly memory in ${ms} ms`,
    facts: { askedBytes, ceilingBytes, ms },
  };
  if (ceilingBytes < askedBytes) {
    return {
      ...finding,
      verdict: "warn",
      means: `The system refused ${askedBytes / MIB} MiB of address space; runtimes start with less room.`,
      todo: "Raise the limit of address space (ulimit -v), or set heapBytes.",
    };
  }
  return { ...finding, verdict: "ok", means: "Shared memory, atomics and the transitions' WebAssembly work." };
}
