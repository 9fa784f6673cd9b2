/**
 * Hired: a bare Worker that calls the functions of one module by name, one call at a time.
 *
 * Contenders that stand on worker_threads alone are made of it; it passes orders and results, never the values that are measured.
 */
import { type Transferable, Worker } from "node:worker_threads";

export class Hired {
  readonly #worker: Worker;
  #waiting: { resolve(value: unknown): void; reject(error: Error): void } | undefined;

  private constructor(module: URL) {
    this.#worker = new Worker(new URL("./hired-entry.js", import.meta.url), { workerData: { module: module.href } });
    this.#worker.on("message", ({ result }: { result: unknown }) => this.#waiting?.resolve(result));
    this.#worker.on("error", (error) => this.#waiting?.reject(error));
    this.#worker.on("exit", (code) => this.#waiting?.reject(new Error(`a Worker of the benchmark exited with code ${code}`)));
  }

  /** Resolves when the module is loaded. */
  static async start(module: URL): Promise<Hired> {
    const hired = new Hired(module);
    await hired.#answer();
    return hired;
  }

  async call(name: string, args: readonly unknown[], transfer: readonly Transferable[] = []): Promise<unknown> {
    const answer = this.#answer();
    this.#worker.postMessage({ name, args }, transfer);
    return answer;
  }

  #answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  async stop(): Promise<void> {
    this.#waiting = undefined;
    await this.#worker.terminate();
  }
}
