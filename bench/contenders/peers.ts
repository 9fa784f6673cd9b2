/**
 * Peers: the libraries that call functions on threads, each in a file of its own, in the order they stand in the results.
 */
import { comlink } from "./comlink.ts";
import { heddlePool } from "./heddle-pool.ts";
import type { Library } from "./library.ts";
import { multithreading } from "./multithreading.ts";
import { piscina } from "./piscina.ts";
import { poolifier } from "./poolifier.ts";
import { threadsJs } from "./threads-js.ts";
import { tinypool } from "./tinypool.ts";
import { workerpool } from "./workerpool.ts";
import { bareWorkers } from "./workers.ts";

export const PEERS: readonly Library[] = [
  heddlePool,
  piscina,
  tinypool,
  workerpool,
  poolifier,
  comlink,
  threadsJs,
  multithreading,
  bareWorkers,
];
