/**
 * Variants: the four ways to run a job, made from the three programs that a job consists of.
 */
import { Runtime } from "../../src/index.ts";
import { record } from "../report/recording/record.ts";
import { Crew } from "./bare/crew.ts";
import type { OnShare, Output, Variant } from "./job.ts";

// biome-ignore lint/suspicious/noExplicitAny: any function of one value will do; its type is taken apart below
type Work = (part: any) => unknown;

/** What bare Workers do: the function `task` of `module`, once on each Worker, on parts that were cut beforehand. */
export interface BareWork<W extends Work> {
  readonly module: URL;
  readonly task: string;
  /** At most one for each Worker. */
  readonly parts: readonly Parameters<W>[0][];
  join(results: ReturnType<W>[]): Output;
}

export interface Programs<W extends Work> {
  plain(onShare: OnShare): Output;
  heddle(rt: Runtime, onShare: OnShare): Promise<Output>;
  readonly ceiling: BareWork<W>;
}

export function variantsOf<W extends Work>({ plain, heddle, ceiling }: Programs<W>, threads: number): Variant[] {
  return [
    { name: "plain", run: plain, async open() {}, async close() {} },
    heddleVariant("inline", heddle, 0),
    { ...heddleVariant("threads", heddle, threads), record: () => record((rt) => heddle(rt, () => undefined), threads) },
    ceilingVariant(ceiling, threads),
  ];
}

function heddleVariant(name: "inline" | "threads", program: Programs<Work>["heddle"], threads: number): Variant {
  let rt: Runtime;
  return {
    name,
    async open() {
      rt = await Runtime.start({ threads });
    },
    run: (onShare) => program(rt, onShare),
    async close() {
      await rt.close();
    },
  };
}

function ceilingVariant<W extends Work>({ module, task, parts, join }: BareWork<W>, workers: number): Variant {
  let crew: Crew<Parameters<W>[0], ReturnType<W>>;
  return {
    name: "ceiling",
    async open() {
      crew = await Crew.start(module, task, workers);
    },
    async run(onShare) {
      const output = join(await crew.run(parts));
      onShare(1);
      return output;
    },
    close: () => crew.close(),
  };
}
