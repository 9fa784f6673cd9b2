/** What the benchmark uses of threads.js, whose package leaves its types out of its exports. */
declare module "threads" {
  export class Worker {
    constructor(path: string);
  }
  export function spawn<Thread>(worker: Worker): Promise<Thread>;
  export function Transfer(payload: unknown, transferables: ArrayBuffer[]): unknown;
  export function Pool<Thread>(
    spawnWorker: () => Promise<Thread>,
    size: number,
  ): {
    queue<R>(task: (thread: Thread) => Promise<R>): PromiseLike<R>;
    terminate(): Promise<void>;
  };
}
