/**
 * Heddle's channels of values other than numbers as contenders: sendSync and recvSync, or reserve and commit, each end on a dedicated thread of its own.
 */
import { bytes, type Codec, f64, struct, structured, utf8 } from "../../src/index.ts";
import type { Contender } from "../harness/scenario.ts";
import type { Ends } from "./heddle-channels.ts";
import type { KindName, Order } from "./kinds.js";
import { heddleOneWay, ONE_TO_ONE } from "./stage.ts";

type Tasks = typeof import("../suites/values-tasks.ts");
const TASKS = "values-tasks";

/** The kinds that have a codec of their own. */
const CODECS = { point: struct({ x: f64, y: f64, z: f64, w: f64 }), order: structured<Order>(), text: utf8, kib: bytes, bytes, mib: bytes };

export interface Load {
  readonly capacity: number;
  readonly total: number;
  readonly ends: Ends;
}

/** One value per call. */
export function heddleValues(name: string, kind: keyof typeof CODECS & KindName, { capacity, total, ends }: Load, unitNs = 1): Contender {
  return heddleOneWay(
    name,
    { ...ONE_TO_ONE, total },
    (stage, [sending], [receiving]) => {
      const tasks = stage.tasks<Tasks>(TASKS);
      const own = stage.rt.with({ dedicated: true });
      const values = stage.rt.channel(CODECS[kind] as Codec<unknown>, capacity, { ends });
      stage.keep(
        own.go(tasks.sendValues, sending!.orders.receiver, values.sender, kind, sending!.report.sender),
        own.go(tasks.receiveValues, receiving!.orders.receiver, values.receiver, kind, receiving!.report.sender),
      );
    },
    unitNs,
    ", copying",
  );
}

/** Values of bytes written in place, and received into one buffer. */
export function heddleReserve(name: string, kind: "kib" | "bytes" | "mib", { capacity, total, ends }: Load, unitNs: number): Contender {
  return heddleOneWay(
    name,
    { ...ONE_TO_ONE, total },
    (stage, [sending], [receiving]) => {
      const tasks = stage.tasks<Tasks>(TASKS);
      const own = stage.rt.with({ dedicated: true });
      const values = stage.rt.channel(bytes, capacity, { ends });
      stage.keep(
        own.go(tasks.reserveValues, sending!.orders.receiver, values.sender, kind, sending!.report.sender),
        own.go(tasks.receiveInto, receiving!.orders.receiver, values.receiver, kind, receiving!.report.sender),
      );
    },
    unitNs,
    ", reserve/commit and recvInto",
  );
}
