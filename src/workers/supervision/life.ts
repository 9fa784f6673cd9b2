// Life: a supervisor's time from one start to its end.

import type { Exit } from "./child.ts";

export interface Life {
  /** Aborts as soon as it is to end. */
  readonly end: AbortController;
  readonly exited: Promise<Exit>;
  readonly settle: (exit: Exit) => void;
  /** How long its children may take to stop altogether. */
  graceMs: number;
}

export function newLife(): Life {
  let settle: Life["settle"] = () => undefined;
  const exited = new Promise<Exit>((resolve) => {
    settle = resolve;
  });
  return { end: new AbortController(), exited, settle, graceMs: Number.POSITIVE_INFINITY };
}
