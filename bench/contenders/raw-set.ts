/**
 * Raw set: 64 KiB copied from one shared buffer into another by one bare Worker: the yardstick for channels of bytes.
 */
import type { Contender, Sample } from "../harness/scenario.ts";
import { sibling } from "../lab/bare/sibling.ts";
import { nowNs } from "./clock.ts";
import { Hired } from "./hired.ts";
import { fill, KINDS, LENGTH_BYTES, stamp } from "./kinds.js";
import { Ledger, together } from "./numbers.ts";

const shared = () => new Uint8Array(new SharedArrayBuffer(LENGTH_BYTES));
const source = fill(shared());
const target = shared();

/** In the Worker. Each copy is stamped in the source and looked at in the target. */
export function copies(count: number, isProof: boolean): { ns: number; ledger: Ledger; by: string } {
  const ledger = new Ledger(1);
  const begun = nowNs();
  for (let i = 0; i < count; i++) {
    stamp(source, i);
    target.set(source);
    ledger.add(KINDS.bytes.numberOf(target, isProof));
  }
  return {
    ns: nowNs() - begun,
    ledger,
    by: `one set between ${target.buffer instanceof SharedArrayBuffer ? "shared" : "private"} buffers`,
  };
}

const HERE = sibling("raw-set", import.meta.url);

export function rawSet(name: string, total: number, unitNs: number): Contender {
  let worker: Hired;
  let isProof = true;
  return {
    name,
    family: "raw",
    async open() {
      worker = await Hired.start(HERE);
    },
    async run(): Promise<Sample> {
      const { ns, ledger, by } = (await worker.call("copies", [total, isProof])) as ReturnType<typeof copies>;
      isProof = false;
      return { value: ns / total / unitNs, seen: together([ledger]), by };
    },
    close: () => worker.stop(),
  };
}
