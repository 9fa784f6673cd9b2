// Leased queues at rest: lists whole, counts that add up, every accepted job somewhere or acknowledged, nobody asleep who could be served, nothing leased
// to the dead.

import * as L from "../src/runtime/memory/layout.ts";
import type { Scene } from "./build.ts";
import * as H from "./lease-history.ts";
import { chain, recordsOf } from "./records.ts";
import * as T from "./thread.ts";
import { Violation } from "./world.ts";

function bad(message: string): never {
  throw new Violation(`leases at rest: ${message}`);
}

export function checkLeases(scene: Scene): void {
  const { world, history, model, threads, supervisor } = scene;
  if (model.queues === undefined) return;
  const at = (address: number) => world.m[address >> 2]!;
  const listed = new Map<number, number>(); // value → queue
  const isLive = (slot: number, epoch: number) => threads.some((t) => t.slot === slot && t.epoch === epoch && !t.isOver && !t.isFenced);

  for (let queue = 0; queue < model.queues.length; queue++) {
    const record = H.queueAt(history, queue);
    if (record === 0) continue;
    if (at(record + L.LEASED_LOCK) !== 0) bad(`the lock of queue ${queue} is held`);
    if (!H.isCurrent(history, queue)) continue;
    const list = (offset: number, what: string) => {
      const members = chain(world, at(record + offset + L.LIST_HEAD), L.LINK_NEXT) ?? bad(`${what} of queue ${queue} are a circle`);
      if ((members.at(-1) ?? 0) !== at(record + offset + L.LIST_TAIL)) bad(`${what} of queue ${queue} do not end at their tail`);
      members.forEach((member, i) => {
        if (at(member + L.LINK_PREV) !== (members[i - 1] ?? 0)) bad(`${what} of queue ${queue} are torn`);
      });
      return members;
    };
    const jobs = list(L.LEASED_JOBS, "the jobs");
    const leases = list(L.LEASED_LEASES, "the leases");
    if (jobs.length !== at(record + L.LEASED_QUEUED) || leases.length !== at(record + L.LEASED_HELD))
      bad(
        `queue ${queue} counts ${at(record + L.LEASED_QUEUED)} and ${at(record + L.LEASED_HELD)}, and has ${jobs.length} and ${leases.length}`,
      );
    for (const job of [...jobs, ...leases]) {
      const isLeased = leases.includes(job);
      if (at(job + L.JOB_QUEUE) !== record) bad(`a job of queue ${queue} belongs to another`);
      if (at(job + L.JOB_STAGE) !== (isLeased ? L.JOB_LEASED : L.JOB_QUEUED))
        bad(`a job of queue ${queue} is in state ${at(job + L.JOB_STAGE)}`);
      if (isLeased && !isLive(at(job + L.JOB_OWNER), at(job + L.JOB_OWNER_EPOCH)))
        bad(`a job of queue ${queue} is leased to somebody gone`);
      const value = H.valueIn(history, job);
      if (listed.has(value)) bad(`job ${value} lies in two places`);
      listed.set(value, queue);
    }
    const feeders = model.queues.filter(({ dead }, i) => dead === queue && H.isCurrent(history, i)).length;
    if (at(record + L.LEASED_FEEDERS) !== feeders)
      bad(`queue ${queue} counts ${at(record + L.LEASED_FEEDERS)} feeders, and has ${feeders}`);
    const isClosed = (at(record + L.LEASED_FLAGS) & L.LEASED_CLOSED) !== 0;
    const isEnded = isClosed && jobs.length === 0 && leases.length === 0 && feeders === 0;

    const takers = list(L.LEASED_TAKERS, "those who wait for a job");
    const putters = list(L.LEASED_PUTTERS, "those who wait for room");
    for (const node of [...takers, ...putters]) {
      const owner = threads.find((t) => t !== supervisor && t.ops !== 0 && t.ops + L.OP_SIZE + L.OP_NODE === node);
      const does = owner?.status === T.RUNNING ? owner.instruction.do : "nothing";
      if (does !== (takers.includes(node) ? "lease" : "put")) bad(`queue ${queue} holds a node that nobody waits with`);
      if (at(node + L.NODE_LEASED) !== record) bad(`a node of queue ${queue} says that it waits elsewhere`);
      if (at(at(node + L.NODE_OP) + L.OP_STATE) !== L.OP_WAITING) bad(`queue ${queue} holds a node of an operation that does not wait`);
    }
    if (takers.length > 0 && (jobs.length > 0 || isEnded)) bad(`somebody sleeps at queue ${queue}, which has something for them`);
    if (putters.length > 0 && (isClosed || jobs.length < at(record + L.LEASED_CAPACITY)))
      bad(`a producer sleeps at queue ${queue}, which has room`);
    if (isEnded && takers.length + putters.length === 0) bad(`queue ${queue} has ended, and was not freed`);
  }

  for (const job of recordsOf(world, L.KIND_JOB, L.JOB_SIZE)) {
    const state = at(job + L.JOB_STAGE);
    if (state === L.JOB_MADE && !isLive(at(job + L.JOB_OWNER), at(job + L.JOB_OWNER_EPOCH)))
      bad("a job is left that somebody gone had made");
    if ((state === L.JOB_FREE || state === L.JOB_MADE) !== (at(job + L.JOB_QUEUE) === 0))
      bad(`a job in state ${state} is of the wrong queue`);
  }
  for (let value = 1; value < 16; value++) {
    const [state, isAcked] = [H.stateOf(history, value), H.acksOf(history, value) > 0];
    if (listed.has(value) && isAcked) bad(`job ${value} was acknowledged and is still there`);
    if (listed.has(value) && (state === 0 || state === H.REFUSED)) bad(`job ${value} is there, and was not accepted`);
    // A thread that died just after its ack() has acknowledged and could not say so; a fenced one likewise.
    const isSure = history.deathsLeft === history.startDeaths && history.fencesLeft === history.startFences;
    if (state === H.ACCEPTED && !isAcked && !listed.has(value) && (isSure || !H.mayBeAcked(history, value)))
      bad(`job ${value} was accepted and is lost`);
  }
}
