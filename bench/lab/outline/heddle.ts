/**
 * Outline, with Heddle: each page is a channel that a thread fills; a channel of these channels is read as one list, in order, the next pages being
 * made meanwhile.
 */
import { bridge, channelOf, type Runtime, utf8 } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import { listOf } from "./list.ts";
import type { Page } from "./outlining.ts";

/** More than a page has: a page that nobody reads yet holds no thread. */
const LINES = 1_024;

export async function heddleOutline(rt: Runtime, pages: readonly Page[], onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./outlining.ts")>(new URL("./outlining.js", import.meta.url));
  const ahead = 2 * Math.max(1, rt.threads ?? 1);
  return rt.scope(async (scope) => {
    const outer = scope.channel(channelOf(utf8), ahead);
    scope.run(async () => {
      for (const [i, page] of pages.entries()) {
        const inner = scope.channel(utf8, LINES);
        scope.go(jobs.fillPage, page, inner.sender);
        await outer.send(inner, { ctx: scope.ctx });
        onShare(i / pages.length);
      }
      outer.close();
    });
    const lines: string[] = [];
    for await (const line of bridge(outer, { ctx: scope.ctx })) lines.push(line);
    return listOf(lines);
  });
}
