/**
 * Service jobs: what the requests of the service suite ask for, with the thread that did it.
 */
import { threadId } from "node:worker_threads";
import { resize } from "../../examples/service/src/jobs/resize.ts";

export function resizeHere(png: Uint8Array, width: number): { readonly png: Uint8Array; readonly threadId: number } {
  return { png: resize(png, width), threadId };
}
