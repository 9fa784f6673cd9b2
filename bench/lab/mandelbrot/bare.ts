/**
 * Mandelbrot, in a bare Worker: every `step`-th row from `first` on, in one call. The pixels' buffer moves to the
 * receiver.
 */
import type { TransferListItem } from "node:worker_threads";
import { drawRows, type View } from "./mandelbrot.ts";

export interface RowShare {
  readonly view: View;
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

export function work(share: RowShare): { result: Uint8Array; transfer: TransferListItem[] } {
  const result = drawRows(share.view, share.first, share.step, share.count);
  return { result, transfer: [result.buffer] };
}
