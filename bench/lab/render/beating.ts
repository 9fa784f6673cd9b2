/**
 * Beating: rows drawn with a pulse after each: what a watched task does.
 */
import type { Context, Pulse } from "../../../src/index.ts";
import { drawRows, type Rows } from "./julia.ts";

export function drawBeating(rows: Rows, pulse: Pulse<number>, ctx: Context): Uint8Array {
  return drawRows(rows, (done) => {
    pulse.beat(done);
    if (ctx.cancelled) throw ctx.error;
  });
}
