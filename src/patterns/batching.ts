// Batches of a flow's values, in their order.

import { LocalFlow } from "./flow.ts";
import type { Source } from "./source.ts";
import { DONE } from "./source.ts";

export class Batching<T> extends LocalFlow<T[], T> {
  readonly #size: number;
  /** What the source ended with, while the last batch was on its way. */
  #failure: { readonly error: unknown } | undefined;
  #isOver = false;

  constructor(source: Source<T>, size: number) {
    super(source);
    this.#size = size;
  }

  protected async pull(): Promise<IteratorResult<T[], undefined>> {
    const batch: T[] = [];
    while (batch.length < this.#size && !this.#isOver) await this.#add(batch);
    if (batch.length > 0) return { value: batch, done: false };
    if (this.#failure) throw this.#failure.error;
    return DONE;
  }

  async #add(batch: T[]): Promise<void> {
    try {
      const step = await this.source.next();
      if (step.done) this.#isOver = true;
      else batch.push(step.value);
    } catch (error) {
      this.#isOver = true;
      this.#failure = { error };
    }
  }
}
