// The code under test, from any copy of the repository: its own src, or one that was spoiled on purpose.

export interface Subject {
  readonly heap: typeof import("../../src/runtime/memory/heap.ts");
  readonly thread: typeof import("../../src/runtime/memory/thread.ts");
  readonly channel: typeof import("../../src/runtime/channel/index.ts");
  readonly select: typeof import("../../src/runtime/select/index.ts");
  readonly context: typeof import("../../src/runtime/context/context.ts");
  readonly link: typeof import("../../src/runtime/context/link.ts");
  readonly sync: typeof import("../../src/runtime/sync/index.ts");
  readonly shared: typeof import("../../src/runtime/operation/shared.ts");
  readonly sweep: typeof import("../../src/workers/sweep.ts");
}

/** `root` is the URL of a folder that holds src. */
export async function load(root: string): Promise<Subject> {
  const from = (file: string) => import(new URL(`src/${file}`, root).href);
  return {
    heap: await from("runtime/memory/heap.ts"),
    thread: await from("runtime/memory/thread.ts"),
    channel: await from("runtime/channel/index.ts"),
    select: await from("runtime/select/index.ts"),
    context: await from("runtime/context/context.ts"),
    link: await from("runtime/context/link.ts"),
    sync: await from("runtime/sync/index.ts"),
    shared: await from("runtime/operation/shared.ts"),
    sweep: await from("workers/sweep.ts"),
  } as Subject;
}
