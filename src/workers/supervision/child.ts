// What a supervisor knows of those it looks after: how to start one, how it ended, how to stop it. Types only, but for what an exit counts as.
//
// Source   Erlang/OTP's supervisor, for names and meanings.

/** How a child has ended. */
export interface Exit {
  /** 'normal': it was done. 'stopped': it was asked to. 'killed': by force. 'failed': by itself, of `error`. */
  readonly kind: "normal" | "stopped" | "killed" | "failed";
  /** Why, where there is more to say. */
  readonly error?: unknown;
}

/** A child that runs. */
export interface Running {
  /** Settles once, when it has ended for whatever reason; never rejects. */
  readonly exited: Promise<Exit>;
  /** Asks it to end within `graceMs`; 0 is by force and at once. May be called again with less. What follows is seen on `exited`. */
  stop(graceMs: number): void;
}

/** Something that can be started, again and again. */
export interface Child {
  /**
   * Starts it; resolves when it is ready, with undefined if there is nothing to run this time. `signal` aborts when nobody wants it any more: then whatever
   * it has started so far is to be undone. Rejects with the reason why it could not start.
   */
  start(signal: AbortSignal): Promise<Running | undefined>;
  /** Nothing runs, and its supervisor will not start it again of its own accord: it could not start, ended for good, was stopped, or given up. */
  onIdle?(exit: Exit): void;
}

/** When an ended child is started again: always, after a failure only, never. */
export type RestartPolicy = "permanent" | "transient" | "temporary";

/** How a child is started, stopped and started again. */
export interface ChildOptions {
  /** Default 'permanent'. A temporary child that has ended is forgotten. */
  restart?: RestartPolicy;
  /** How long it may take to stop before it is killed, in milliseconds. Default 5,000 (Infinity for a supervisor); 0 kills at once, Infinity waits for ever. */
  shutdownMs?: number;
  /** How long it may take to start. Default 30,000, minimum 1, Infinity allowed. */
  startMs?: number;
}

/** A child for a supervisor: what it is, and how it is treated. */
export interface ChildSpec extends ChildOptions {
  readonly id: string;
  readonly child: Child;
  /** What is run in its place, once, when it has died too often, instead of giving up. */
  readonly fallback?: Child | undefined;
  /** Default 'worker'. */
  readonly type?: "worker" | "supervisor";
}

/** What which() tells of a child. */
export interface ChildState {
  readonly id: string;
  readonly type: "worker" | "supervisor";
  readonly restart: RestartPolicy;
  /** 'idle': nothing runs, and nothing will unless it is started: stopped on purpose, ended for good, or with nothing to run. */
  readonly state: "starting" | "running" | "stopping" | "restarting" | "idle";
  /** Its fallback runs in its place. */
  readonly isFallback: boolean;
  /** How often it was started again. */
  readonly restarts: number;
  readonly lastExit: Exit | undefined;
}

/** Children of a supervisor, counted. */
export interface ChildCounts {
  readonly specs: number;
  readonly active: number;
  readonly supervisors: number;
  readonly workers: number;
}

/** What a supervisor tells whoever listens. */
export type SupervisionEvent =
  | { readonly type: "started"; readonly id: string; readonly restarts: number }
  | { readonly type: "exited"; readonly id: string; readonly exit: Exit }
  | { readonly type: "start-failed"; readonly id: string; readonly error: unknown }
  | { readonly type: "restarting"; readonly id: string; readonly delayMs: number; readonly cause: Exit }
  | { readonly type: "fallback"; readonly id: string; readonly cause: Exit }
  | { readonly type: "abandoned"; readonly id: string }
  | { readonly type: "hung"; readonly id: string; readonly threadId: number; readonly forMs: number; readonly what: string }
  | { readonly type: "gave-up"; readonly id: string; readonly error: Error };

/** Whether a transient child that ended like this is started again. */
export function isAbnormal(exit: Exit): boolean {
  return exit.kind === "failed" || exit.kind === "killed";
}
