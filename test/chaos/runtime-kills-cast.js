// Who acts in the chaos over the public API: channels, and roles whose tasks are started again as often as they end, each noted as it ends.

import { setTimeout as sleep } from "node:timers/promises";
import { receipts, STREAMS, TASKS } from "./runtime-kills-books.js";
import { KINDS } from "./runtime-kills-kinds.js";

export class Cast {
  #rt;
  #api;
  #jobs;
  #deaths;
  #say;
  #book;
  #isStopping = false;
  #areClosed = false;
  #keeping = [];
  #tasks = 0;
  channels = [];
  /** Stream → its channel's place; streams count from 1. */
  channelOfStream = [0];
  /** By channel: the most values that may have been in the hands of its dead receivers. */
  hands = [];
  live = new Map(); // task id → { name, isSending }
  tally = { ended: 0, died: 0, refused: 0, diedInTake: 0, slowestMs: 0 };
  diedAs = {};
  /** Tasks that died. */
  dead = new Set();

  /** `deaths`: { doomed, exited }; `say(counter, text)` reports a finding. */
  constructor({ rt, api, jobs, book, deaths, say }) {
    this.#rt = rt;
    this.#api = api;
    this.#jobs = jobs;
    this.#book = book;
    this.#deaths = deaths;
    this.#say = say;
  }

  /** The runtime's maker of sync primitives. */
  get sync() {
    return this.#rt.sync;
  }

  channel(kind, capacity) {
    const channel = { kind, index: this.channels.length, both: this.#rt.channel(KINDS[kind].codec(this.#api), capacity) };
    this.channels.push(channel);
    this.hands.push(0);
    return channel;
  }

  /** `shared`: sync primitives, the tasks' fourth argument. A task of this role is always running: a sender until the stop, what receives until the channels are closed, so that nobody is left with a full one. */
  role(name, { isDedicated = false, sends = [], receives = [], most = 1, shared = [] } = {}) {
    this.diedAs[name] ??= 0;
    this.#keeping.push(this.#keep(name, isDedicated, sends, receives, most, shared));
  }

  /** The supervising thread, which nobody kills, receives from a channel: of one that nobody else receives from not a single value may be missing. */
  attend({ kind, both }, most) {
    this.#keeping.push(this.#attend(kind, both, most));
  }

  async #attend(kind, both, most) {
    const note = receipts(this.#book);
    for (let values = await both.recvMany(most); typeof values !== "symbol"; values = await both.recvMany(most)) {
      for (const value of values) note(kind, value);
    }
  }

  async #keep(name, isDedicated, sends, receives, most, shared) {
    const launcher = isDedicated ? this.#rt.with({ dedicated: true }) : this.#rt;
    while (!(receives.length > 0 ? this.#areClosed : this.#isStopping)) {
      if (this.#tasks >= TASKS - 1 || this.channelOfStream.length >= STREAMS - sends.length) {
        this.#say("hung", "the books are full");
        return;
      }
      const id = this.#tasks++;
      const outs = sends.map(({ kind, index, both }) => ({ kind, stream: this.channelOfStream.push(index) - 1, to: both.sender }));
      const ins = receives.map(({ kind, both }) => ({ kind, from: both.receiver }));
      let task;
      try {
        task = launcher.go(this.#jobs[name], id, outs, ins, shared);
      } catch (error) {
        if (error.code !== "ERR_GANG_REFUSED") throw error;
        this.tally.refused++;
        await sleep(5);
        continue;
      }
      this.live.set(id, { name, isSending: sends.length > 0 || receives.length === 0 });
      try {
        await task;
        this.tally.ended++;
      } catch (error) {
        this.#noteDeath(name, id, Atomics.load(this.#book.where, id), error);
        for (const { index } of receives) this.hands[index] += most;
      }
      this.live.delete(id);
    }
  }

  #noteDeath(name, id, where, error) {
    const { doomed, exited } = this.#deaths;
    if (error.code !== "ERR_THREAD_DIED") this.#say("miscoded", `${name} rejected with ${error.code ?? error}: ${error.message}`);
    else if (where === 0) this.tally.diedInTake++;
    else if (!doomed.has(where) && !exited.has(where))
      this.#say("miscoded", `${name} on thread ${where}, which lives, rejected with ERR_THREAD_DIED`);
    if (exited.has(where)) this.tally.slowestMs = Math.max(this.tally.slowestMs, performance.now() - exited.get(where));
    this.tally.died++;
    this.diedAs[name]++;
    this.dead.add(id);
  }

  /** Names of the tasks that run on a thread. */
  on(thread) {
    return [...this.live].filter(([id]) => Atomics.load(this.#book.where, id) === thread).map(([, { name }]) => name);
  }

  stop() {
    this.#isStopping = true;
  }

  /** Names of those that may still send. */
  get sending() {
    return [...this.live]
      .filter(([id, { isSending }]) => isSending && Atomics.load(this.#book.quiet, id) === 0)
      .map(([, { name }]) => name);
  }

  /** Call when nobody sends any more. */
  close() {
    this.#areClosed = true;
    for (const { both } of this.channels) both.close();
  }

  /** Receives what nobody was left to receive. */
  takeRest() {
    for (const { kind, both } of this.channels) {
      const note = receipts(this.#book);
      for (let value = both.tryRecv(); typeof value !== "symbol"; value = both.tryRecv()) note(kind, value);
    }
  }

  /** When every role has seen the last of its tasks end. */
  get over() {
    return Promise.all(this.#keeping);
  }
}
