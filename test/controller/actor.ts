// Does the operations of a task through the public doors, and writes down when each began and what came of it.

import type { Channel } from "../../src/runtime/channel/index.ts";
import type { Canceller } from "../../src/runtime/context/index.ts";
import type { WaitOptions } from "../../src/runtime/deadline.ts";
import type { Shared } from "../../src/runtime/operation/shared.ts";
import { SyncActor } from "./actor-sync.ts";
import * as B from "./board.ts";
import { type Controller, Stopped } from "./controller.ts";
import type { Loop } from "./loop.ts";
import type { CaseOf, ChannelOperation, Operation } from "./program.ts";
import { isSync } from "./program-sync.ts";
import * as R from "./results.ts";
import type { Subject } from "./subject.ts";

/** What a thread needs to do operations. */
export interface Stage {
  readonly board: B.Board;
  readonly me: number;
  readonly controller: Controller;
  readonly loop: Loop;
  readonly subject: Subject;
  readonly channels: readonly Channel<unknown>[];
  readonly contexts: readonly Canceller[];
  readonly syncs: readonly Shared[];
  /** Tells the crew of something that must not be. */
  readonly report: (text: string) => void;
  /** Has a thread's worker terminated; its exit is noted as EXITED. */
  readonly terminate: (thread: number) => void;
}

export type OptionsOf = WaitOptions | undefined;
const MS = 5;

/** What a failure's code means for the history. */
const KINDS: Readonly<Record<string, number>> = {
  ERR_CHANNEL_CLOSED: R.REFUSED,
  ERR_SYNC_CLOSED: R.REFUSED,
  ERR_LOCK_ABANDONED: R.ABANDONED,
  ERR_NEGATIVE_COUNT: R.NONE,
  ERR_WOULD_DEADLOCK: R.DEADLOCK,
  ERR_TIMEOUT: R.GIVEN_UP,
  ABORT_ERR: R.GIVEN_UP,
  ERR_FENCED: R.RETIRED,
};

export class Actor {
  readonly #stage: Stage;
  readonly #task: number;
  readonly #syncs: SyncActor;

  constructor(stage: Stage, task: number) {
    this.#stage = stage;
    this.#task = task;
    this.#syncs = new SyncActor(stage.syncs);
  }

  async run(operations: readonly Operation[]): Promise<void> {
    for (const [index, operation] of operations.entries()) {
      if (!this.#syncs.isPossible(operation)) continue;
      let result: readonly number[];
      do result = await this.perform(index, operation);
      while (operation.do === "recv" && operation.untilEnd && result[0] === R.VALUE);
    }
  }

  async perform(index: number, operation: Operation): Promise<readonly number[]> {
    const { board, me, loop } = this.#stage;
    if (this.#stage.controller.isStopped) throw new Stopped(); // another task of this thread may have been stopped in the same turn
    const ends = "ends" in operation ? operation.ends : undefined;
    const abort = ends === "abort" ? new AbortController() : undefined;
    board.log(B.INVOKE, this.#task, index);
    board.setOf(me, B.TICKED, 0);
    if (ends === "timeout") board.addTo(me, B.DEADLINES, 1);
    if (abort) loop.addAbort(abort);
    const ctx = "door" in operation && operation.ctx !== undefined ? this.#stage.contexts[operation.ctx]!.ctx : undefined;
    const options = ctx ? { ctx } : abort ? { signal: abort.signal } : ends === "timeout" ? { timeoutMs: MS } : undefined;
    let result: readonly number[];
    try {
      const doing = isSync(operation) ? this.#syncs.do(operation, options) : this.#do(operation, options);
      // A sync door's outcome is there now: nothing of this thread may run before it is written down.
      result = doing instanceof Promise ? await doing : doing;
    } catch (error) {
      result = this.#failure(operation, error);
    }
    if (this.#stage.controller.isStopped) throw new Stopped();
    if (ends === "timeout") board.setOf(me, B.DEADLINES, Math.max(0, board.of(me, B.DEADLINES) - 1));
    if (abort) loop.dropAbort(abort);
    board.log(B.RETURN, this.#task, index, ...result);
    return result;
  }

  #do(operation: ChannelOperation, options: OptionsOf): readonly number[] | Promise<readonly number[]> {
    const { channels } = this.#stage;
    const isSync = "door" in operation && operation.door === "sync";
    if (operation.do === "select") return this.#select(operation.cases, options, isSync);
    if (operation.do === "trySelect") return this.#trySelect(operation.cases);
    if (operation.do === "cancel") {
      this.#stage.contexts[operation.ctx]!.cancel();
      return [R.OK];
    }
    const channel = channels[operation.channel]!;
    switch (operation.do) {
      case "send": {
        const value = this.#encode(channel, operation.value);
        if (!isSync) return channel.send(value, options).then(() => [R.OK]);
        channel.sendSync(value, options);
        return [R.OK];
      }
      case "recv":
        return isSync ? this.#received(channel.recvSync(options)) : channel.recv(options).then((got) => this.#received(got));
      case "trySend":
        return [channel.trySend(this.#encode(channel, operation.value)) ? R.OK : R.NONE];
      case "tryRecv":
        return this.#received(channel.tryRecv());
      case "close":
        channel.close();
        return [R.OK];
      case "sendMany": {
        const values = operation.values.map((value) => this.#encode(channel, value));
        if (!isSync) return channel.sendMany(values, options).then(() => [R.OK]);
        channel.sendManySync(values, options);
        return [R.OK];
      }
      case "recvMany":
        if (!isSync) return channel.recvMany(operation.max, options).then((got) => this.#receivedMany(got));
        return this.#receivedMany(channel.recvManySync(operation.max, options));
    }
  }

  #encode(channel: Channel<unknown>, value: number): unknown {
    return channel.ring.isBlocks ? `value ${value}` : value;
  }

  #decode(value: unknown): number {
    return Number(String(value).replace("value ", ""));
  }

  #received(got: unknown): readonly number[] {
    const { CLOSED, EMPTY } = this.#stage.subject.channel;
    if (got === CLOSED) return [R.END];
    return got === EMPTY ? [R.NONE] : [R.VALUE, this.#decode(got)];
  }

  #receivedMany(got: unknown): readonly number[] {
    return Array.isArray(got) ? [R.VALUES, ...got.map((value) => this.#decode(value))] : [R.END];
  }

  #cases(cases: readonly CaseOf[]) {
    return cases.map(({ channel, send }) => {
      const it = this.#stage.channels[channel]!;
      return send === undefined ? it : it.sending(this.#encode(it, send));
    });
  }

  #chosen(cases: readonly CaseOf[], chosen: { case: number; value: unknown } | undefined): readonly number[] {
    if (chosen === undefined) return [R.NONE];
    if (cases[chosen.case]!.send !== undefined) return [R.CHOSEN, chosen.case, R.OK];
    return [R.CHOSEN, chosen.case, ...this.#received(chosen.value)];
  }

  #select(cases: readonly CaseOf[], options: OptionsOf, isSync: boolean): readonly number[] | Promise<readonly number[]> {
    const { select, selectSync } = this.#stage.subject.select;
    if (isSync) return this.#chosen(cases, selectSync(this.#cases(cases), options) as { case: number; value: unknown });
    return select(this.#cases(cases), options).then((chosen) => this.#chosen(cases, chosen as { case: number; value: unknown }));
  }

  #trySelect(cases: readonly CaseOf[]): readonly number[] {
    const { trySelect } = this.#stage.subject.select;
    return this.#chosen(cases, trySelect(this.#cases(cases)) as { case: number; value: unknown } | undefined);
  }

  #failure(operation: Operation, error: unknown): readonly number[] {
    if (error instanceof Stopped || this.#stage.controller.isStopped) throw new Stopped();
    const { code, sent } = (error ?? {}) as { code?: unknown; sent?: number };
    const isSelect = operation.do === "select" || operation.do === "trySelect";
    const kind = isSelect && code === "ERR_CHANNEL_CLOSED" ? R.REFUSED_CASE : (KINDS[String(code)] ?? R.WRONG);
    if (kind === R.WRONG) this.#stage.report(`${operation.do}: ${(error as Error | undefined)?.stack ?? String(error)}`);
    if (operation.do !== "sendMany" || kind === R.WRONG) return this.#syncs.failed(operation, kind);
    return [R.SENT, sent ?? 0, kind]; // refused before it began: nothing is said
  }
}
