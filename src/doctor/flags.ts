// Check: command-line flags that change what Heddle can do or promise.

import type { Finding } from "./finding.ts";

export interface Flags {
  /** Those of the command line and of NODE_OPTIONS. */
  readonly given: readonly string[];
  /** Node's permission model, if it is on: whether something is allowed. */
  readonly permission: { has(scope: string): boolean } | undefined;
}

export function theseFlags(): Flags {
  const fromEnvironment = (process.env.NODE_OPTIONS ?? "").split(/\s+/).filter((word) => word !== "");
  const { permission } = process as { permission?: Flags["permission"] };
  return { given: [...process.execArgv, ...fromEnvironment], permission };
}

export function checkFlags({ given, permission }: Flags): Finding {
  const find = (name: string) => given.find((flag) => flag === name || flag.startsWith(`${name}=`));
  const old = find("--max-old-space-size") ?? find("--max_old_space_size");
  const isDenied = permission !== undefined && !permission.has("worker");
  const finding = {
    name: "flags",
    facts: {
      jitless: find("--jitless") !== undefined,
      maxOldSpaceSize: old ?? null,
      permission: permission !== undefined,
      threadsAllowed: !isDenied,
    },
  };
  if (finding.facts.jitless) {
    return {
      ...finding,
      verdict: "fail",
      seen: "--jitless",
      means: "There is no WebAssembly, and nothing starts.",
      todo: "Run without --jitless.",
    };
  }
  if (isDenied) {
    return {
      ...finding,
      verdict: "fail",
      seen: "--permission, without --allow-worker",
      means: "No thread can be started; threads: 0 works.",
      todo: "Add --allow-worker, and --allow-fs-read for Heddle, its dependencies and your task modules. A thread has the rights of the process, no fewer.",
    };
  }
  if (old) {
    return {
      ...finding,
      verdict: "warn",
      seen: old,
      means: "It holds for every thread and overrides the limits that a runtime sets (threadHeapMb, resourceLimits).",
      todo: "Leave it out where threads are to have limits of their own.",
    };
  }
  const means = permission
    ? "Threads are allowed; each has the rights of the process."
    : "None of --jitless, --permission, --max-old-space-size.";
  return { ...finding, verdict: "ok", seen: permission ? "--permission, with --allow-worker" : "none that matters", means };
}
