// Calls that the calling thread runs itself, because the queue is full ('caller-runs'). What goes in and out is copied, as if it had crossed threads.

import type { Wire } from "../../runtime/channel/index.ts";
import { HeddleError } from "../../runtime/errors.ts";
import { type Carried, runWith } from "../carried.ts";
import { importModule } from "../import-module.ts";
import { CARRYING, PLAIN, STREAM } from "./message.ts";
import type { PoolCall } from "./pool-call.ts";
import type { NamedCall } from "./wire.ts";

type Fn = (...args: unknown[]) => unknown;

export class Here {
  readonly #url: string;
  readonly #wire: Wire;
  readonly #setUp: NamedCall | undefined;
  readonly #tearDown: NamedCall | undefined;
  #exports: Record<string, unknown> | undefined;
  #loading: Promise<Record<string, unknown>> | undefined;

  constructor(url: string, wire: Wire, setUp: NamedCall | undefined, tearDown: NamedCall | undefined) {
    this.#url = url;
    this.#wire = wire;
    this.#setUp = setUp;
    this.#tearDown = tearDown;
  }

  /** Runs a call, at once if the module is here already, and settles it. */
  run(call: PoolCall): void {
    if (this.#exports) this.#begin(call, this.#exports);
    else {
      this.#loading ??= this.#load();
      this.#loading.then(
        (exports) => this.#begin(call, exports),
        (error) => {
          this.#loading = undefined; // the next call tries again
          call.reject(error);
        },
      );
    }
  }

  async #load(): Promise<Record<string, unknown>> {
    const exports = await importModule(this.#url);
    if (this.#setUp) await invoke(this.#setUp);
    this.#exports = exports;
    return exports;
  }

  #begin(call: PoolCall, exports: Record<string, unknown>): void {
    const { name } = call.fn;
    const fn = exports[name];
    if (typeof fn !== "function") {
      call.reject(new HeddleError("ERR_NO_FUNCTION", `expected ${this.#url} to export a function ${name}`));
      return;
    }
    if (call.form & STREAM) {
      call.reject(new HeddleError("ERR_QUEUE_FULL", `${name}: the queue is full, and a stream cannot run on the thread that reads it`));
      return;
    }
    const args = call.form === PLAIN ? (call.args as unknown[]) : (this.#wire.decode(call.args as Uint8Array) as unknown[]);
    const values = call.form & CARRYING ? (args.shift() as Carried) : {};
    new Promise<unknown>((resolve) => resolve(runWith(values, () => (fn as Fn)(...args))))
      .then((value) => this.#copy(name, value))
      .then(call.resolve, (error) => call.reject(error));
  }

  #copy(name: string, value: unknown): unknown {
    return this.#wire.decode(this.#wire.encode(`the result of ${name}`, value).slice());
  }

  /** Undoes the set-up, if there was one. */
  async close(): Promise<void> {
    if (this.#exports && this.#tearDown) await invoke(this.#tearDown);
  }
}

async function invoke({ url, name, args }: NamedCall): Promise<void> {
  const fn = (await importModule(url))[name];
  if (typeof fn !== "function") throw new HeddleError("ERR_NO_FUNCTION", `expected ${url} to export a function ${name}`);
  await (fn as Fn)(...args);
}
