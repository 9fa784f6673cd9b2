// The work done in the handler, as one would begin. Nothing can be refused, cancelled or hurried meanwhile, and nothing else is answered.

import { render, resize } from "./jobs/jobs.ts";
import { type Hit, search, start } from "./jobs/search.ts";
import type { Counts, Work } from "./work.ts";

export class InlineWork implements Work {
  readonly isReady = true;

  static async open(): Promise<InlineWork> {
    start();
    return new InlineWork();
  }

  async resize(png: Uint8Array, width: number): Promise<Uint8Array> {
    return resize(png, width);
  }

  async render(markdown: string): Promise<string> {
    return render(markdown);
  }

  async search(text: string, limit: number): Promise<Hit[]> {
    return search(text, limit);
  }

  counts(): Record<string, Counts> {
    return {};
  }

  async close(): Promise<void> {}
}
