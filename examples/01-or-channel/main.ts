// A search on threads that ends with whichever comes first: the client has gone, its time is up, the service shuts down, or everything was searched.

import { setImmediate as turn } from "node:timers/promises";
import { after, f64, or, orDone, pipeline, type Runtime } from "../../src/index.ts";
import { shortName, sources } from "../sources.ts";
import type { Hit } from "./jobs.ts";

export const about = "a search that ends with its client, its deadline or the service";

interface Request {
  readonly pattern: string;
  /** The client's connection. */
  readonly client: AbortSignal;
  readonly deadlineMs: number;
  readonly write: (hit: Hit, count: number) => void;
}

export async function* run(rt: Runtime): AsyncGenerator<string> {
  const jobs = rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url));
  const paths = sources("src");
  const shutdown = rt.channel(f64, 0); // closed when the service ends

  async function answer({ pattern, client, deadlineMs, write }: Request): Promise<string> {
    const end = or({ client, deadline: after(deadlineMs), shutdown });
    const hits = pipeline(rt, paths)
      .map((path) => ({ path, pattern }))
      .flatMap(jobs.search, { width: "auto", ordered: true, batch: 8 });
    let count = 0;
    for await (const hit of orDone(hits, end.signal)) {
      write(hit, ++count);
      await turn(); // as writing to a socket takes
    }
    const { fired } = end;
    end.stop();
    return `${count} hits; ended by ${fired ? `${fired.case} (${fired.why})` : "the last file"}`;
  }

  const nobody = new AbortController().signal;
  let last = "";
  const note = ({ path, line }: Hit) => {
    last = `${shortName(path)}:${line}`;
  };
  yield `everything: ${await answer({ pattern: "quaternion", client: nobody, deadlineMs: 60_000, write: note })}, the last at ${last}`;

  const client = new AbortController();
  const leave = (hit: Hit, count: number) => {
    note(hit);
    if (count === 10) client.abort("the connection was closed");
  };
  yield `client: ${await answer({ pattern: "vector", client: client.signal, deadlineMs: 60_000, write: leave })}, the last at ${last}`;

  yield `deadline: ${await answer({ pattern: ".", client: nobody, deadlineMs: 0, write: note })}`;

  const stop = (hit: Hit, count: number) => {
    note(hit);
    if (count === 3) shutdown.close();
  };
  yield `shutdown: ${await answer({ pattern: "matrix", client: nobody, deadlineMs: 60_000, write: stop })}, the last at ${last}`;
}
