/**
 * A service under CPU load as a contender: its server in one process, the load in another.
 */
import type { Contender, Family, Sample } from "../harness/scenario.ts";
import { Forked } from "./forked.ts";
import type { Loaded } from "./service-load.ts";
import type { Watched } from "./service-server.ts";

export type Figure = "loopP99Ms" | "requestsPerSecond" | "p50Ms" | "p99Ms";

const ending = import.meta.url.slice(import.meta.url.lastIndexOf("."));
const file = (name: string) => new URL(`./${name}${ending}`, import.meta.url);

/** With the work in the handler (`threads` undefined), on the main thread by Heddle (0), or on threads. */
function service(name: string, family: Family, threads: number | undefined, figure: Figure, amount: number): Contender {
  let server: Forked;
  let load: Forked;
  let port: number;
  return {
    name,
    family,
    isProcess: true,
    async open() {
      server = new Forked(file("service-server"), ...(threads === undefined ? [] : [String(threads)]));
      load = new Forked(file("service-load"));
      port = await server.order("port");
    },
    async run(): Promise<Sample> {
      await server.order("begin");
      const loaded = await load.order<Loaded>("load", [port, amount]);
      const watched = await server.order<Watched>("end");
      const { right, wrong } = loaded;
      return { value: { ...loaded, ...watched }[figure], seen: { right, wrong }, by: watched.by };
    },
    async close() {
      await Promise.all([server?.end(), load?.end()]);
    },
  };
}

export function services(figure: Figure, amount: number): Contender[] {
  return [
    service("heddle, 2 threads", "heddle", 2, figure, amount),
    service("heddle, threads: 0", "heddle", 0, figure, amount),
    service("plain", "plain", undefined, figure, amount),
  ];
}
