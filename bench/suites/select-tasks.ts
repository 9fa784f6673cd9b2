/**
 * Select's tasks: one task sends to channels and selects from them, on one thread: nothing of another thread is measured.
 */
import { type Channel, type Receiver, type Sender, select, selectSync, trySelect } from "../../src/index.ts";
import { nowNs } from "../contenders/clock.ts";
import type { Door } from "../contenders/heddle-select.ts";
import { Ledger } from "../contenders/numbers.ts";
import { markOf } from "../contenders/witness.ts";

/** Takes as many values as there are places in `taken`; all of them are there. What was taken is proved when the clock stands still. */
type Take = (channels: Channel<number>[], ready: Channel<number>, taken: Taken) => Promise<void> | void;
type Taken = (number | symbol | undefined)[];

/**
 * For each order receives that many values: fills one channel, times as many selects (or plain receives) as it holds, goes on to the next channel.
 * Reports the nanoseconds those took, then count, sum, disorder, who, and over how many channels a select went.
 */
export async function selectRounds(
  orders: Receiver<number>,
  channels: Channel<number>[],
  door: Door,
  isSelect: boolean,
  report: Sender<number>,
): Promise<void> {
  const take = (isSelect ? SELECTS : RECEIVES)[door];
  for (const total of orders) {
    const ledger = new Ledger(1);
    let ns = 0;
    for (let turn = 0; ledger.count < total; turn++) {
      const ready = channels[turn % channels.length]!;
      const values = Array.from({ length: Math.min(ready.capacity, total - ledger.count) }, (_, i) => ledger.count + i);
      ready.sendManySync(values);
      const taken: Taken = values.fill(Number.NaN);
      const begun = nowNs();
      await take(channels, ready, taken);
      ns += nowNs() - begun;
      for (const value of taken) ledger.add(typeof value === "number" ? value : Number.NaN);
    }
    const cases = take === SELECTS[door] ? channels.length : 0;
    for (const figure of [ns, ledger.count, ledger.sum, ledger.disorder, markOf(channels[0]!), cases]) report.sendSync(figure);
  }
}

const SELECTS: Readonly<Record<Door, Take>> = {
  try(channels, _ready, taken) {
    for (let i = 0; i < taken.length; i++) taken[i] = trySelect(channels)?.value;
  },
  sync(channels, _ready, taken) {
    for (let i = 0; i < taken.length; i++) taken[i] = selectSync(channels).value;
  },
  async async(channels, _ready, taken) {
    for (let i = 0; i < taken.length; i++) taken[i] = (await select(channels)).value;
  },
};

const RECEIVES: Readonly<Record<Door, Take>> = {
  try(_channels, ready, taken) {
    for (let i = 0; i < taken.length; i++) taken[i] = ready.tryRecv();
  },
  sync(_channels, ready, taken) {
    for (let i = 0; i < taken.length; i++) taken[i] = ready.recvSync();
  },
  async async(_channels, ready, taken) {
    for (let i = 0; i < taken.length; i++) taken[i] = await ready.recv();
  },
};
