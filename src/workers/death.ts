// How a thread ended, as data and in words.

import { describe } from "../runtime/errors.ts";
import type { ThreadExit } from "./thread-order.ts";

/** How a thread ended, and what of. */
export type DeathReason =
  /** process.exit(0). */
  | { readonly kind: "clean" }
  | { readonly kind: "exit-code"; readonly code: number }
  /** An uncaught error of a callback, of any type. */
  | { readonly kind: "thrown"; readonly thrown: unknown }
  /** A promise that was rejected and that nobody looked after. */
  | { readonly kind: "rejection"; readonly thrown: unknown }
  /** The engine's limit, or the watchdog's. */
  | { readonly kind: "out-of-memory"; readonly thrown: unknown; readonly usedBytes?: number }
  /** An entry module whose await cannot settle. */
  | { readonly kind: "unsettled-await" }
  /** What it had to do before it could take tasks failed or took too long. */
  | { readonly kind: "init"; readonly thrown: unknown }
  /** Stopped on purpose. */
  | { readonly kind: "killed"; readonly why: string }
  /** Stopped on purpose or given up, and still running when its time to exit was over: it can change nothing any more, but it holds memory and a core. */
  | { readonly kind: "zombie"; readonly why: string };

/** How a thread ended, in a word. */
export type DeathKind = DeathReason["kind"];

/** A thread that has died. */
export interface Death {
  /** Node's id of the thread. */
  readonly threadId: number;
  readonly reason: DeathReason;
  /** The reason in words. */
  readonly text: string;
  /** It died before it was ready. */
  readonly duringStart: boolean;
  /** Running tasks that ended with it. */
  readonly tasksLost: number;
}

/** What Node's events say of an exit nobody asked for. */
export function reasonOf({ code, error, last }: ThreadExit): DeathReason {
  const thrown = error?.thrown;
  if (last === "out-of-memory" || codeOf(thrown) === "ERR_WORKER_OUT_OF_MEMORY") return { kind: "out-of-memory", thrown };
  if (error) return { kind: last === "rejection" ? "rejection" : "thrown", thrown };
  if (code === 13) return { kind: "unsettled-await" };
  return code === 0 ? { kind: "clean" } : { kind: "exit-code", code };
}

/** The error behind a reason, if there was one. */
export function thrownOf(reason: DeathReason): unknown {
  return "thrown" in reason ? reason.thrown : undefined;
}

export function inWords(reason: DeathReason): string {
  switch (reason.kind) {
    case "clean":
      return "it exited (exit code 0)";
    case "exit-code":
      return `exit code ${reason.code}`;
    case "thrown":
      return `uncaught ${sayThrown(reason.thrown)}`;
    case "rejection":
      return `uncaught ${sayThrown(reason.thrown)}, from a promise nobody looked after`;
    case "out-of-memory":
      return reason.usedBytes === undefined
        ? "out of memory"
        : `out of memory: it used ${Math.round(reason.usedBytes / 2 ** 20)} MiB of JavaScript heap`;
    case "unsettled-await":
      return "an await that can never settle (exit code 13)";
    case "init":
      return `its start failed: ${sayThrown(reason.thrown)}`;
    case "killed":
      return reason.why;
    case "zombie":
      return `${reason.why}; it did not exit in time and still runs`;
  }
}

function sayThrown(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : describe(thrown);
}

function codeOf(thrown: unknown): unknown {
  return (thrown as { code?: unknown } | null | undefined)?.code;
}
