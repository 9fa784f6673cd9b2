/**
 * Break-even: the length from which on a task is done sooner on two threads than by a plain loop, computed from the rows of the sweep.
 */
import type { Result } from "../harness/report.ts";
import { PAYLOADS, POINTS, titleOf } from "./sweep.ts";

export interface BreakEven {
  readonly contender: string;
  readonly lengthBytes: number;
  /** In µs of the plain loop. With "below" and "above" the shortest and the longest length that was measured. */
  readonly us: number;
  /** Between two lengths, below the shortest, or above the longest. */
  readonly side: "at" | "below" | "above";
}

/** A length that was measured: what a task takes the plain loop, and how much longer it takes the contender. */
interface Point {
  readonly plainUs: number;
  readonly lostUs: number;
}

export function breakEvens(results: readonly Result[]): BreakEven[] {
  return Object.keys(PAYLOADS)
    .map(Number)
    .flatMap((lengthBytes) => {
      const titles = POINTS.filter((point) => point.lengthBytes === lengthBytes).map(({ us }) => titleOf(us, lengthBytes));
      const rows = titles.map(
        (title) => new Map(results.filter(({ scenario }) => scenario === title).map((one) => [one.contender, one.median])),
      );
      const contenders = new Set(rows.flatMap((row) => [...row.keys()]).filter((name) => name !== "plain"));
      return [...contenders].flatMap((contender) => {
        const points = rows.flatMap((row): Point[] => {
          const [plainUs, us] = [row.get("plain"), row.get(contender)];
          return plainUs === undefined || us === undefined ? [] : [{ plainUs, lostUs: us - plainUs }];
        });
        return points.length === 0 ? [] : [{ contender, lengthBytes, ...crossing(points) }];
      });
    });
}

/** Where what is lost becomes a gain for good: between two points on the straight line that joins them, as it is when each task costs a fixed sum more. */
function crossing(points: readonly Point[]): Pick<BreakEven, "us" | "side"> {
  const lastLoss = points.findLastIndex(({ lostUs }) => lostUs > 0);
  if (lastLoss === -1) return { us: points[0]!.plainUs, side: "below" };
  if (lastLoss === points.length - 1) return { us: points[lastLoss]!.plainUs, side: "above" };
  const [from, to] = [points[lastLoss]!, points[lastLoss + 1]!];
  const share = from.lostUs / (from.lostUs - to.lostUs);
  return { us: from.plainUs + share * (to.plainUs - from.plainUs), side: "at" };
}
