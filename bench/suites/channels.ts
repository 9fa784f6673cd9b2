/**
 * Channels: S1 to S8 and S12 of TARGETS, in three parts.
 */
import type { Suite } from "../harness/scenario.ts";
import * as numbers from "./numbers.ts";
import * as select from "./select.ts";
import * as values from "./values.ts";

const PARTS = [numbers, values, select];

export const channels: Suite = {
  name: "channels",
  scenarios: (effort) => PARTS.flatMap((part) => part.scenarios(effort)),
  targets: PARTS.flatMap((part) => part.targets),
  later: {},
};
