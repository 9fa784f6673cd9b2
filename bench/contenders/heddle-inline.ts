/**
 * Heddle's pool without threads as a contender: the same program on the calling thread.
 */
import { heddlePool } from "./heddle-pool.ts";
import type { Library } from "./library.ts";

export const heddleInline: Library = { name: "heddle, threads: 0", family: "heddle", open: () => heddlePool.open(0) };
