// The work done by Heddle: pictures and Markdown by a pool, the search by a service that keeps its index. With `threads: 0` the same on the main thread.

import { HeddleError, type Pool, Runtime, type Service } from "heddle";
import type { Hit } from "./jobs/search.ts";
import type { Settings } from "./settings.ts";
import type { Counts, Limits, Work } from "./work.ts";

type Jobs = typeof import("./jobs/jobs.ts");
type Search = typeof import("./jobs/search.ts");

/** So long a call may run on after its client has gone: less than a thread costs. */
const ABANDONED_MS = 200;

export class HeddleWork implements Work {
  readonly rt: Runtime;
  readonly pool: Pool<Jobs>;
  readonly searcher: Service<Search>;
  /** Node's ids of the runtime's own threads, which do no work here. */
  readonly idleThreadIds: readonly number[];
  readonly #settings: Settings;
  readonly #searches = { running: 0, succeeded: 0, failed: 0, refused: 0 };
  #restarts = 0;

  private constructor(rt: Runtime, settings: Settings) {
    this.rt = rt;
    this.#settings = settings;
    this.idleThreadIds = rt.threadIds;
    const { threads, maxQueue, chaos } = settings;
    const jobs = chaos ? "./jobs/chaos-jobs.js" : "./jobs/jobs.js";
    this.pool = rt.pool(rt.module<Jobs>(new URL(jobs, import.meta.url)), { threads, maxQueue, graceMs: ABANDONED_MS });
    this.searcher = rt
      .supervise({
        restarts: chaos ? Number.POSITIVE_INFINITY : 5,
        withinMs: 60_000,
        onEvent: ({ type }) => {
          if (type === "restarting") this.#restarts++;
        },
      })
      .service<Search>(new URL("./jobs/search.js", import.meta.url), { idempotent: ["search"] });
  }

  static async open(settings: Settings): Promise<HeddleWork> {
    const rt = await Runtime.start({ threads: settings.variant === "threads-0" ? 0 : 1 });
    const work = new HeddleWork(rt, settings);
    await Promise.all([work.pool.ready(), work.searcher.ready()]);
    return work;
  }

  resize(png: Uint8Array, width: number, { signal, timeoutMs }: Limits): Promise<Uint8Array> {
    return this.pool.with({ signal, totalTimeoutMs: timeoutMs }).call.resize(png, width);
  }

  render(markdown: string, { signal, timeoutMs }: Limits): Promise<string> {
    return this.pool.with({ signal, totalTimeoutMs: timeoutMs }).call.render(markdown);
  }

  /** A service's queue has no bound of its own. */
  async search(text: string, limit: number, { signal, timeoutMs }: Limits): Promise<Hit[]> {
    const counts = this.#searches;
    if (counts.running > this.#settings.maxQueue) {
      counts.refused++;
      throw new HeddleError("ERR_QUEUE_FULL", `search: ${counts.running} run or wait`);
    }
    counts.running++;
    try {
      const hits = await this.searcher.with({ signal, timeoutMs }).call.search(text, limit);
      counts.succeeded++;
      return hits;
    } catch (error) {
      counts.failed++;
      throw error;
    } finally {
      counts.running--;
    }
  }

  get isReady(): boolean {
    return this.pool.stats().open > 0 && this.searcher.state === "running";
  }

  counts(): Record<string, Counts> {
    const { queued, running, succeeded, failed, aborted, timedOut, died, refused, replaced } = this.pool.stats();
    const { running: inside, ...ended } = this.#searches;
    const searching = Math.min(1, inside);
    return {
      pool: { queued, running, ended: { succeeded, failed, aborted, timedOut, died, refused }, replaced },
      search: { queued: inside - searching, running: searching, ended, replaced: this.#restarts },
    };
  }

  async close(): Promise<void> {
    await this.rt.close({ graceMs: this.#settings.graceMs });
  }
}
