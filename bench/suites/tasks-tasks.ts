/**
 * Tasks' tasks: what runs on Heddle's threads in the tasks suite and in its probes.
 */
import { CLOSED, type Receiver } from "../../src/index.ts";

/** Waits until the gate gives a value, and gives it back; -1 if the gate closes. */
export async function waitAt(gate: Receiver<number>): Promise<number> {
  const value = await gate.recv();
  return value === CLOSED ? -1 : value;
}
