// The end of a context as a case of a select: the done channel of every link, and the earliest deadline, whichever comes first.

import { CLOSED } from "../channel/index.ts";
import { CASES, type HasCases, LOOKS_READY, NOT_READY, TRY } from "../operation/operation.ts";
import { Timer } from "../timers.ts";
import type { Link } from "./link.ts";

/** What a case needs to know of its context. */
interface Ending {
  readonly cancelled: boolean;
  readonly deadlineMs: number;
}

export class Done implements HasCases<typeof CLOSED> {
  readonly #ending: Ending;
  readonly #link: Link;

  /** @internal */
  constructor(ending: Ending, link: Link) {
    this.#ending = ending;
    this.#link = link;
  }

  /** @internal */
  get ring(): { readonly thread: Link["thread"] } {
    return this.#link;
  }

  /** @internal */
  get [LOOKS_READY](): boolean {
    return this.#ending.cancelled;
  }

  /** @internal */
  [TRY](): typeof CLOSED | typeof NOT_READY {
    return this.#ending.cancelled ? CLOSED : NOT_READY;
  }

  /** @internal */
  [CASES](): readonly unknown[] {
    if (this.#ending.cancelled) return [new Deadline(0)]; // also of a context that was gone before this view was opened: there is no channel to wait for
    const cases: unknown[] = [];
    for (let link: Link | undefined = this.#link; link; link = link.parent) if (link.done) cases.push(link.done);
    const { deadlineMs } = this.#ending;
    return deadlineMs === Number.POSITIVE_INFINITY ? cases : [...cases, new Deadline(deadlineMs)];
  }
}

/** A timer whose instant means the same as a closed channel. */
class Deadline extends Timer {
  constructor(dueMs: number) {
    super(dueMs, Number.POSITIVE_INFINITY);
  }

  override take(): never {
    super.take();
    return CLOSED as never;
  }
}
