/**
 * Support for the benchmark's tests: contenders that do as they are told, and scenarios made of them.
 */
import type { Contender, Family, Scenario, Seen } from "../../bench/harness/scenario.ts";

export const RIGHT: Seen = { count: 10, sum: 45 };

export interface Made {
  /** What each round gives, one after the other, the last one for ever. */
  readonly values?: readonly number[];
  readonly seen?: readonly Seen[];
  readonly family?: Family;
  readonly missing?: string;
  readonly log?: string[];
  readonly run?: () => Promise<never>;
  /** Who did it, by the evidence: the contender itself unless given. */
  readonly by?: string;
}

export function contender(name: string, made: Made = {}): Contender {
  const { values = [1], seen = [RIGHT], family = "heddle", log = [] } = made;
  let runs = 0;
  return {
    name,
    family,
    missing: () => made.missing,
    async open() {
      log.push(`open ${name}`);
    },
    async run() {
      log.push(name);
      const at = runs++;
      if (made.run) return made.run();
      return { value: values[Math.min(at, values.length - 1)]!, seen: seen[Math.min(at, seen.length - 1)]!, by: made.by ?? name };
    },
    async close() {
      log.push(`close ${name}`);
    },
  };
}

export function scenario(contenders: readonly Contender[], more: Partial<Scenario> = {}): Scenario {
  return { id: "S1", title: "made up", unit: "ns/item", expected: RIGHT, contenders, warmUps: 0, ...more };
}
