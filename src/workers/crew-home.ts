// Where crews are at home: on the supervising thread, with its supervisor, or with none on that thread itself.

import type { Wire } from "../runtime/channel/index.ts";
import { describe, HeddleError } from "../runtime/errors.ts";
import type { Thread } from "../runtime/memory/thread.ts";
import { type CrewHome, type CrewOptions, CrewQueues } from "./crew.ts";
import { importModule, setUp } from "./import-module.ts";
import type { FunctionName } from "./module-ref.ts";
import type { Post } from "./post.ts";
import { Runner, type RunnerOptions } from "./runner.ts";
import { CrewsSeen } from "./seeing/crews-seen.ts";
import type { GoOptions, Starter } from "./starter.ts";
import type { Supervisor } from "./supervisor.ts";
import { failQueued, refuseQueued } from "./sweep.ts";
import type { Task } from "./task.ts";

export class Home implements CrewHome {
  readonly queues = new CrewQueues();
  readonly closers = new Set<(graceMs: number) => Promise<void>>();
  readonly seen = new CrewsSeen();
  readonly #thread: Thread;
  readonly #wire: Wire;
  readonly #starter: Starter;
  readonly #enter: () => () => void;
  readonly #supervisor: Supervisor | undefined;
  /** Without threads: those that are open, and what runs their tasks. */
  readonly #posts = new Set<Post>();
  readonly #runners = new Map<Post, Runner>();

  constructor(thread: Thread, wire: Wire, starter: Starter, enter: () => () => void, supervisor: Supervisor | undefined) {
    this.#thread = thread;
    this.#wire = wire;
    this.#starter = starter;
    this.#enter = enter;
    this.#supervisor = supervisor;
  }

  get hasThreads(): boolean {
    return this.#supervisor !== undefined;
  }

  open(post: Post): void {
    if (this.#supervisor) this.#supervisor.open(post);
    else void this.#openHere(post).catch((error: unknown) => this.#fail(post, error));
  }

  async #openHere(post: Post): Promise<void> {
    this.#posts.add(post);
    if (post.setUp) await setUp(post.setUp, this.#wire);
    if (!this.#posts.has(post)) return; // closed meanwhile
    const options = { queue: post.queue, waits: false, importModule, enter: this.#enter };
    const limited = Object.defineProperty(options, "limit", { get: () => post.limit * post.wanted() }) as RunnerOptions;
    this.#runners.set(post, new Runner(this.#thread, this.#wire, limited));
    post.onChange?.({ what: "ready", threadId: 0 });
    this.#thread.parker.stir();
  }

  #fail(post: Post, error: unknown): void {
    const failure = new HeddleError(
      "ERR_THREAD_START",
      `what runs its tasks could not be set up: ${(error as Error | undefined)?.message ?? describe(error)}`,
      {
        cause: error,
      },
    );
    failQueued(this.#thread, post.queue, this.#wire.encodeError(failure));
    post.onChange?.({ what: "failed", error });
  }

  async leave(post: Post): Promise<void> {
    if (this.#supervisor) return this.#supervisor.leave(post);
    this.#posts.delete(post);
    this.#runners.get(post)?.stop();
    this.#runners.delete(post);
  }

  dismiss(threadId: number): boolean {
    return this.#supervisor?.dismiss(threadId) ?? false;
  }

  kill(threadId: number, reason: string): boolean {
    return this.#supervisor?.kill(threadId, reason) ?? false;
  }

  go(fn: FunctionName, args: readonly unknown[], options: GoOptions, queue: number, isBackground: boolean): Task<unknown> {
    return this.#starter.goTo(queue, fn, args, options, isBackground);
  }

  refuse(queue: number): number {
    return refuseQueued(this.#thread, queue);
  }

  check(): void {
    if (this.#supervisor) this.#supervisor.check();
    else this.#thread.parker.stir();
  }

  encode({ fn, args }: NonNullable<CrewOptions["setUp"]>): NonNullable<Post["setUp"]> {
    return { url: fn.url, name: fn.name, args: this.#wire.encode(`the arguments of ${fn.name}`, args).slice() };
  }

  /** Without threads: tasks of crews that have taken their turn. Answers whether there were any. */
  onIdle(): boolean {
    let any = false;
    for (const runner of this.#runners.values()) any = runner.onIdle() || any;
    return any;
  }

  get running(): number {
    let running = 0;
    for (const runner of this.#runners.values()) running += runner.running;
    return running;
  }
}
