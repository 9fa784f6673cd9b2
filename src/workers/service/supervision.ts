// Supervision: rt.supervise(), which makes services, and supervisors of supervisors.

import { HeddleError, invalidArg } from "../../runtime/errors.ts";
import { resolveModule } from "../module-ref.ts";
import type { ChildCounts, ChildSpec, ChildState, Exit, SupervisionEvent } from "../supervision/child.ts";
import { ChildSupervisor } from "../supervision/child-supervisor.ts";
import type { SupervisionOptions } from "../supervision/settings.ts";
import { Service, type ServiceHome, type ServiceOptions } from "./service.ts";

const MIN_HANG_MS = 50;

/** Options of a supervisor below another: also what the one above needs to know of it. */
export interface InnerOptions extends SupervisionOptions {
  id?: string;
}

/**
 * Starts children, sees them end, and starts them again by strategy and policy; when that happens too often it stops them all and fails, with the reason.
 * Threads: the supervising one. rt.close() stops it. See: Erlang/OTP, supervisor.
 */
export class Supervision {
  readonly #home: ServiceHome;
  readonly #core: ChildSupervisor;
  readonly #onEvent: ((event: SupervisionEvent) => void) | undefined;
  /** The last of each name; whether the supervisor still knows it is the core's to say. */
  readonly #services = new Map<string, Service<never>>();
  /** Names of children on their way to the core. */
  readonly #adding = new Set<string>();
  readonly #exited: Promise<Exit>;
  #onExited: (exit: Exit) => void = () => undefined;
  #over: Exit | undefined;

  private constructor(home: ServiceHome, options: SupervisionOptions) {
    this.#home = home;
    this.#core = new ChildSupervisor(options);
    this.#onEvent = options.onEvent;
    this.#exited = new Promise((resolve) => {
      this.#onExited = resolve;
    });
  }

  /** @internal */
  static root(home: ServiceHome, options: SupervisionOptions): Supervision {
    const root = new Supervision(home, options);
    const close = (graceMs: number) => root.stop(graceMs);
    home.crews.closers.add(close);
    void root.#core.start().then(async ({ exited }) => {
      root.#onOver(await exited);
      home.crews.closers.delete(close);
    });
    return root;
  }

  /**
   * A service: a module whose exported functions run on one thread of their own, which keeps its state. An exported `start` is called, and awaited, before
   * the first call, an exported `stop` after the last. `supervision.service<typeof import("./search.js")>(new URL("./search.js", import.meta.url))`
   * Waits: never; calls may be made at once, and ready() tells when it runs. Throws: ERR_INVALID_ARG, ERR_NO_MODULE.
   */
  service<A>(url: URL | string, options: ServiceOptions<A> = {}): Service<A> {
    const href = resolveModule(url);
    checkOptions(options);
    const id = this.#newId(options.id ?? nameOf(href), options.id !== undefined);
    const onHang = (threadId: number, forMs: number, what: string) => this.#onEvent?.({ type: "hung", id, threadId, forMs, what });
    const code = { name: id, url: href, hangMs: options.hangMs, onHang };
    const service: Service<A> = new Service<A>({ home: this.#home, code, remove: () => this.#remove(service as Service<never>) }, options);
    const { restart, shutdownMs, startMs } = options;
    const spec: ChildSpec = {
      id,
      child: service.child,
      fallback: options.fallback && service.localChild,
      ...(restart && { restart }),
      ...(shutdownMs !== undefined && { shutdownMs }),
      ...(startMs !== undefined && { startMs }),
    };
    this.#services.set(id, service as Service<never>);
    if (this.#over) service.onDown(this.#over.error);
    else this.#add(spec, (error) => service.onDown(error)); // its calls and ready() say so
    return service;
  }

  /** A supervisor below this one: it is started and stopped with it, and when it gives up it is started again, children and all, by this one's policy. */
  supervise(options: InnerOptions = {}): Supervision {
    const { id: given, ...rest } = options;
    const id = this.#newId(given ?? "supervisor", given !== undefined);
    const inner = new Supervision(this.#home, rest);
    const child = {
      start: (signal: AbortSignal) => {
        inner.#over = undefined;
        return inner.#core.start(signal);
      },
      onIdle: (exit: Exit) => inner.#onOver(exit),
    };
    this.#add({ id, child, type: "supervisor" }, (error) => inner.#onOver({ kind: "failed", error }));
    return inner;
  }

  /** Any other child. Throws (rejects): what its first start throws; then it is not kept. */
  add(spec: ChildSpec): Promise<void> {
    return this.#core.add(spec);
  }

  /** Stops a child; it stays known, to be started again, unless it is temporary. */
  terminate(id: string): Promise<void> {
    return this.#core.terminate(id);
  }

  /** Starts a child that is idle. */
  restart(id: string): Promise<void> {
    return this.#core.restart(id);
  }

  /** Forgets a child that is idle. */
  delete(id: string): Promise<void> {
    return this.#core.delete(id);
  }

  /** Stops a child and forgets it, in one step; one that is not known: nothing happens. Waits: until it has ended. */
  remove(id: string): Promise<void> {
    return this.#core.remove(id);
  }

  /** The children, in the order of their start. */
  which(): ChildState[] {
    return this.#core.which();
  }

  /** How many children there are, of what kind, and how many run. */
  count(): ChildCounts {
    return this.#core.count();
  }

  /** How it ended, once it has; never rejects: 'stopped', or 'failed' with ERR_RESTART_LIMIT. */
  get exited(): Promise<Exit> {
    return this.#exited;
  }

  /** Stops all children, last first, each within its own time and all within `graceMs`. Waits: this promise. Second call: the same. */
  stop(graceMs?: number): Promise<void> {
    if (graceMs !== undefined && (typeof graceMs !== "number" || !(graceMs >= 0))) {
      return Promise.reject(invalidArg("graceMs", "milliseconds, 0 or more", graceMs));
    }
    return this.#core.stop(graceMs);
  }

  #add(spec: ChildSpec, onFailed: (error: unknown) => void): void {
    this.#adding.add(spec.id);
    const isFree = () => this.#adding.delete(spec.id);
    this.#core.add(spec).then(isFree, (error) => {
      isFree();
      onFailed(error);
    });
  }

  /** Another may have its name by now, once it has ended and was forgotten. */
  async #remove(service: Service<never>): Promise<void> {
    const { id } = service;
    if (this.#services.get(id) !== service) return;
    this.#services.delete(id);
    await this.#core.remove(id);
  }

  /** It has ended for good, or until one above starts it again: no service is there any more. */
  #onOver(exit: Exit): void {
    this.#over = exit;
    const error = exit.error ?? new HeddleError("ERR_CLOSED", "its supervisor was stopped");
    for (const service of this.#services.values()) service.onDown(error);
    this.#onExited(exit);
  }

  #newId(name: string, isGiven: boolean): string {
    const isTaken = (id: string) => this.#adding.has(id) || this.#core.has(id);
    if (isGiven && isTaken(name)) throw invalidArg("id", "a name that no other child has", name);
    let id = name;
    for (let n = 2; isTaken(id); n++) id = `${name}-${n}`;
    return id;
  }
}

function nameOf(href: string): string {
  if (href.startsWith("data:")) return "service";
  return (
    new URL(href).pathname
      .split("/")
      .at(-1)!
      .replace(/\.[mc]?[jt]s$/, "") || "service"
  );
}

function checkOptions(options: ServiceOptions<never>): void {
  if (typeof options !== "object" || options === null) throw invalidArg("service: options", "an object", options);
  const { id, idempotent, attempts, maxWaiting, hangMs, fallback } = options;
  if (id !== undefined && (typeof id !== "string" || id === "")) throw invalidArg("id", "a name", id);
  if (idempotent !== undefined && !Array.isArray(idempotent)) throw invalidArg("idempotent", "names of functions", idempotent);
  checkCount("attempts", attempts, 1);
  checkCount("maxWaiting", maxWaiting, 0);
  if (hangMs !== undefined && !(typeof hangMs === "number" && hangMs >= MIN_HANG_MS && hangMs < 2 ** 31)) {
    throw invalidArg("hangMs", `milliseconds, ${MIN_HANG_MS} or more`, hangMs);
  }
  if (fallback !== undefined && fallback !== "threads-0") throw invalidArg("fallback", "'threads-0'", fallback);
}

function checkCount(what: string, value: number | undefined, min: number): void {
  if (value === undefined || value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value >= min)) return;
  throw invalidArg(what, `a whole number from ${min}, or Infinity`, value);
}
