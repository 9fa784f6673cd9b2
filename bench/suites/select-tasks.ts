/**
 * Select's tasks: one task sends to channels and selects from them, on one thread: nothing of another thread is measured.
 */
import { type Channel, CLOSED, EMPTY, type Receiver, type Sender, select, selectSync, trySelect } from "../../src/index.ts";
import { nowNs } from "../contenders/clock.ts";
import type { Door } from "../contenders/heddle-select.ts";
import { Ledger } from "../contenders/numbers.ts";

/** Takes `count` values that are there. */
type Take = (channels: Channel<number>[], ready: Channel<number>, count: number, ledger: Ledger) => Promise<void> | void;

/**
 * For each order receives that many values: fills one channel, times as many selects (or plain receives) as it holds, goes on to the next channel.
 * Reports the nanoseconds those took, then count, sum and disorder.
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
      const from = ledger.count;
      const count = Math.min(ready.capacity, total - from);
      ready.sendManySync(Array.from({ length: count }, (_, i) => from + i));
      const begun = nowNs();
      await take(channels, ready, count, ledger);
      ns += nowNs() - begun;
    }
    for (const figure of [ns, ledger.count, ledger.sum, ledger.disorder]) report.sendSync(figure);
  }
}

const SELECTS: Readonly<Record<Door, Take>> = {
  try(channels, _ready, count, ledger) {
    for (let i = 0; i < count; i++) {
      const value = trySelect(channels)?.value;
      if (typeof value === "number") ledger.add(value);
    }
  },
  sync(channels, _ready, count, ledger) {
    for (let i = 0; i < count; i++) {
      const { value } = selectSync(channels);
      if (value !== CLOSED) ledger.add(value);
    }
  },
  async async(channels, _ready, count, ledger) {
    for (let i = 0; i < count; i++) {
      const { value } = await select(channels);
      if (value !== CLOSED) ledger.add(value);
    }
  },
};

const RECEIVES: Readonly<Record<Door, Take>> = {
  try(_channels, ready, count, ledger) {
    for (let i = 0; i < count; i++) {
      const value = ready.tryRecv();
      if (value !== CLOSED && value !== EMPTY) ledger.add(value);
    }
  },
  sync(_channels, ready, count, ledger) {
    for (let i = 0; i < count; i++) {
      const value = ready.recvSync();
      if (value !== CLOSED) ledger.add(value);
    }
  },
  async async(_channels, ready, count, ledger) {
    for (let i = 0; i < count; i++) {
      const value = await ready.recv();
      if (value !== CLOSED) ledger.add(value);
    }
  },
};
