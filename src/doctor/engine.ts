// Check: Node, its V8, and the parts of the language that the core stands on.

import type { Finding } from "./finding.ts";

const FIRST = [20, 19] as const;
/** The majors on which the platform tests and the kill probes have run (docs/platform.md). */
const VERIFIED = [20, 22, 24, 26];

export interface Engine {
  readonly node: string;
  readonly v8: string;
  readonly hasWasm: boolean;
  readonly hasAsyncWait: boolean;
}

export function thisEngine(): Engine {
  const { WebAssembly: wasm, Atomics: atomics } = globalThis as { WebAssembly?: unknown; Atomics?: { waitAsync?: unknown } };
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    hasWasm: wasm !== undefined,
    hasAsyncWait: typeof atomics?.waitAsync === "function",
  };
}

export function checkEngine(engine: Engine): Finding {
  const [major = 0, minor = 0] = engine.node.split(".").map(Number);
  const finding = { name: "node", seen: `Node ${engine.node}, V8 ${engine.v8}`, facts: { ...engine } };
  if (major < FIRST[0] || (major === FIRST[0] && minor < FIRST[1])) {
    return { ...finding, verdict: "fail", means: `Heddle needs Node ${FIRST.join(".")} or newer.`, todo: "Update Node." };
  }
  if (!engine.hasWasm) {
    return {
      ...finding,
      verdict: "fail",
      seen: `${finding.seen}, without WebAssembly`,
      means: "Nothing starts: every change to shared memory is a WebAssembly function (ERR_WASM_UNAVAILABLE).",
      todo: "Run without --jitless.",
    };
  }
  if (!engine.hasAsyncWait) {
    return {
      ...finding,
      verdict: "fail",
      seen: `${finding.seen}, without Atomics.waitAsync`,
      means: "Promises that wait for another thread would never settle.",
      todo: "Use a Node whose V8 has it: all from 20.19 on do.",
    };
  }
  if (!VERIFIED.includes(major)) {
    return {
      ...finding,
      verdict: "warn",
      means: `What the core asks of the engine was verified on Node ${VERIFIED.join(", ")}; of this one only what is found below is known.`,
      todo: "Prefer one of those where threads may be killed.",
    };
  }
  return { ...finding, verdict: "ok", means: "A version on which the core was verified." };
}
