/**
 * Limited: files packed within budgets that all threads share: what a task is given to do.
 */
import { type Limiter, type Receiver, rateLimit } from "../../../src/index.ts";
import { lengthBytes, type SourceFile } from "../sources.ts";
import { type Packed, packFile } from "./packing.ts";

/** A budget of bytes to read a second, which is waited for, and one of blocks to trace, which is not: what is above it goes untraced. */
export interface Budgets {
  readonly disk: Limiter;
  readonly trace: Limiter;
}

export interface PackedWithin {
  readonly packed: Packed[];
  readonly traced: number;
  readonly blocks: number;
  /** How long it has waited for the disk's budget. */
  readonly waitedMs: number;
}

export async function packWithin(root: string, offered: Receiver<SourceFile[]>, { disk, trace }: Budgets): Promise<PackedWithin> {
  const packed: Packed[] = [];
  let [blocks, traced] = [0, 0];
  const onBlock = () => {
    blocks++;
    if (trace.allow()) traced++;
  };
  const allowed = rateLimit(offered, disk, { tokens: totalBytes });
  for await (const files of allowed) for (const { path } of files) packed.push(packFile(root, path, onBlock));
  return { packed, traced, blocks, waitedMs: allowed.waitedMs };
}

export function totalBytes(files: readonly SourceFile[]): number {
  return files.reduce((sum, file) => sum + lengthBytes(file), 0);
}
