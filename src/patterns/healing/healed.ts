// Healed: the output of a ward, unbroken over all its runs. Each run has a channel of its own, and they are read one after another, each to its end (bridge).

import type { Channel } from "../../runtime/channel/index.ts";
import type { Parker } from "../../runtime/memory/park.ts";
import type { Exit } from "../../workers/supervision/child.ts";
import { bridge } from "../bridge.ts";
import { Change, type Flow, LocalFlow } from "../flow.ts";
import type { Beating } from "../heartbeat/beating.ts";
import type { Health } from "../heartbeat/watch.ts";
import { abortable, type Source } from "../source.ts";
import type { WardOutput } from "./ward-child.ts";

/** What starts and ends a ward. `parker`: keeps the process alive while somebody waits, also while the ward waits to be started again. */
export interface WardHooks {
  readonly parker: Pick<Parker, "hold" | "release">;
  start(): void;
  /** Resolves when it has really ended. */
  stop(): Promise<void>;
}

/** The channels of all runs as one input. */
export class Outputs<T> implements WardOutput {
  readonly #waiting: Channel<T>[] = [];
  /** Not read to their ends. */
  readonly #open = new Set<Channel<unknown>>();
  readonly #change = new Change();
  #end: { readonly error: unknown } | undefined;
  #beating: Beating<unknown> | undefined;
  runs = 0;

  begin(out: Channel<unknown>, beating: Beating<unknown>): void {
    this.runs++;
    this.#beating = beating;
    this.#open.add(out);
    this.#waiting.push(out as Channel<T>);
    this.#change.tell();
  }

  onIdle({ kind, error }: Exit): void {
    this.finish(kind === "normal" || kind === "stopped" ? undefined : error);
  }

  finish(error: unknown): void {
    this.#end ??= { error };
    this.#change.tell();
  }

  get health(): Health | undefined {
    return this.#beating?.health;
  }

  async *channels(): AsyncGenerator<Channel<T>, void, undefined> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next) {
        yield next;
        this.#open.delete(next); // asked for the next one: it was read to its end
      } else if (!this.#end) await this.#change.wait();
      else if (this.#end.error !== undefined) throw this.#end.error;
      else return;
    }
  }

  /** What was not read goes with its channel. */
  dispose(): void {
    for (const out of this.#open) out[Symbol.dispose]();
    this.#open.clear();
  }
}

/** A ward's values, over all its runs, as one flow. Leaving it stops the ward. Threads: the one that made it. */
export class Healed<T> extends LocalFlow<T> {
  readonly #outputs: Outputs<T>;
  readonly #hooks: WardHooks;
  #isStarted = false;

  /** @internal */
  constructor(outputs: Outputs<T>, hooks: WardHooks, end: AbortSignal | undefined) {
    const values: Flow<T> = bridge(outputs.channels());
    const source: Source<T> = {
      next: () => values.next(),
      stop: async () => {
        outputs.finish(undefined);
        await Promise.all([values.return(), hooks.stop()]);
        outputs.dispose();
      },
    };
    super(end ? abortable(source, end) : source);
    this.#outputs = outputs;
    this.#hooks = hooks;
  }

  protected async pull(): Promise<IteratorResult<T, undefined>> {
    if (!this.#isStarted) this.#hooks.start();
    this.#isStarted = true;
    this.#hooks.parker.hold();
    try {
      return await this.source.next();
    } finally {
      this.#hooks.parker.release();
    }
  }

  /** Runs that were begun. */
  get runs(): number {
    return this.#outputs.runs;
  }

  /** How the ward is; undefined before its first run. */
  get health(): Health | undefined {
    return this.#outputs.health;
  }

  /** Runs it to its end and drops what it puts out: for a ward that is there for what it does. Rejects as the iteration does. */
  async done(): Promise<void> {
    for await (const _ of this);
  }
}
