// Wards: the children of one supervisor, in the order of their start, and whom of them the end of one concerns.

import { invalidArg } from "../../runtime/errors.ts";
import type { ChildCounts, ChildState } from "./child.ts";
import type { Strategy } from "./settings.ts";
import type { Ward } from "./ward.ts";

export class Wards {
  readonly #strategy: Strategy;
  readonly #byId = new Map<string, Ward>();

  constructor(strategy: Strategy) {
    this.#strategy = strategy;
  }

  get all(): Ward[] {
    return [...this.#byId.values()];
  }

  get(id: string): Ward | undefined {
    return this.#byId.get(id);
  }

  /** Throws: ERR_INVALID_ARG for one that is not there. */
  find(id: string): Ward {
    const ward = this.#byId.get(id);
    if (ward) return ward;
    throw invalidArg("child: id", `one of ${[...this.#byId.keys()].join(", ") || "no children"}`, id);
  }

  /** Throws: ERR_INVALID_ARG for one whose name another has. */
  add(ward: Ward): void {
    if (this.#byId.has(ward.id)) throw invalidArg("child: id", "a name that no other child has", ward.id);
    this.#byId.set(ward.id, ward);
  }

  delete(id: string): void {
    this.#byId.delete(id);
  }

  /** One that has ended for good is not kept if it is of this kind. */
  deleteIfPassing(ward: Ward): void {
    if (ward.settings.restart === "temporary" || this.#strategy === "simple-one-for-one") this.#byId.delete(ward.id);
  }

  /** It, and those that are stopped and started again with it. */
  concernedBy(ward: Ward): Ward[] {
    const { all } = this;
    if (this.#strategy === "one-for-all") return all;
    return this.#strategy === "rest-for-one" ? all.slice(all.indexOf(ward)) : [ward];
  }

  get shown(): ChildState[] {
    return this.all.map((ward) => ward.shown);
  }

  get counts(): ChildCounts {
    const all = this.shown;
    const supervisors = all.filter((child) => child.type === "supervisor").length;
    const active = all.filter((child) => child.state === "running").length;
    return { specs: all.length, active, supervisors, workers: all.length - supervisors };
  }
}
