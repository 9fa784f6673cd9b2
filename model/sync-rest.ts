// Sync records at rest: queues whole, permits that add up, nobody asleep who could be served, nothing held by the dead.

import * as L from "../src/runtime/memory/layout.ts";
import type { Scene } from "./build.ts";
import { chain } from "./records.ts";
import * as H from "./sync-history.ts";
import * as T from "./thread.ts";
import { Violation } from "./world.ts";

function bad(message: string): never {
  throw new Violation(`sync at rest: ${message}`);
}

export function checkSyncs({ world, history, model, threads, supervisor }: Scene): void {
  const at = (address: number) => world.m[address >> 2]!;
  for (let sync = 0; sync < (model.syncs?.length ?? 0); sync++) {
    const record = H.recordOf(history, sync);
    if (record === 0) continue;
    if (at(record + L.SYNC_LOCK) !== 0) bad(`the lock of record ${sync} is held`);
    if (!H.isCurrent(history, sync)) continue;
    const { policy } = H.planOf(history, sync);
    const permits = at(record + L.SYNC_PERMITS);
    const free = at(record + L.SYNC_FREE);
    const flags = at(record + L.SYNC_FLAGS);
    const queue = chain(world, at(record + L.SYNC_HEAD), L.NODE_NEXT) ?? bad(`the queue of record ${sync} is a circle`);
    if ((queue.at(-1) ?? 0) !== at(record + L.SYNC_TAIL)) bad(`the queue of record ${sync} does not end at its tail`);

    let held = 0;
    let holds = 0;
    const nodes = threads.flatMap((t) =>
      t === supervisor || t.ops === 0 ? [] : [0, 1, 2, 3, 4, 5].map((place) => ({ t, node: t.ops + place * L.OP_SIZE + L.OP_NODE })),
    );
    for (const { t, node } of nodes) {
      if (at(node + L.NODE_SYNC) !== record) continue;
      if (at(node + L.NODE_HELD) === 0) {
        if (!queue.includes(node)) bad(`thread ${t.index} counts as waiting at record ${sync}, and is not in its queue`);
        continue;
      }
      if (t.isOver) bad(`thread ${t.index} is gone and still holds of record ${sync}`);
      holds += 1;
      held += at(node + L.NODE_WEIGHT);
    }
    if (holds !== at(record + L.SYNC_HOLDS)) bad(`record ${sync} counts ${at(record + L.SYNC_HOLDS)} holds, and there are ${holds}`);
    queue.forEach((node, i) => {
      const owner = nodes.find((one) => one.node === node)?.t;
      if (owner === undefined || owner.status !== T.RUNNING) bad(`record ${sync} holds a node that nobody waits with`);
      if (at(node + L.NODE_PREV) !== (queue[i - 1] ?? 0) || at(node + L.NODE_SYNC) !== record || at(node + L.NODE_HELD) !== 0)
        bad(`the queue of record ${sync} is torn`);
      if (at(at(node + L.NODE_OP) + L.OP_STATE) !== L.OP_WAITING) bad(`record ${sync} holds a node of an operation that does not wait`);
    });

    const expected = {
      [L.SYNC_SEMAPHORE]: permits - held,
      [L.SYNC_LOCKING]: permits - held,
      [L.SYNC_COUNTING]: permits - held - H.countOf(history, sync),
      [L.SYNC_SIGNALLING]: 0,
      [L.SYNC_GATHERING]: permits - queue.length,
    }[policy]!;
    // A thread that died just after its call to add() has counted and could not say so.
    const isSure = policy !== L.SYNC_COUNTING || (history.deathsLeft === history.startDeaths && history.fencesLeft === history.startFences);
    if (free !== expected && isSure) bad(`record ${sync} has ${free} free, and should have ${expected}`);
    if (flags & L.SYNC_CLOSED && queue.length === 0 && holds === 0) bad(`record ${sync} is closed and unused, and was not freed`);
    if (policy === L.SYNC_GATHERING && flags & L.SYNC_ABANDONED) bad(`record ${sync} is still marked, and nobody is left to be told`);
    const head = queue[0];
    if (head === undefined) continue;
    const recovers = (at(head + L.NODE_WISH) & L.SYNC_RECOVERS) !== 0;
    if (flags !== 0 && !(flags === L.SYNC_ABANDONED && recovers)) bad(`somebody sleeps at record ${sync}, which refuses everybody`);
    if (at(head + L.NODE_PHASE) !== at(record + L.SYNC_PHASE)) bad(`somebody sleeps at record ${sync}, whose phase has moved on`);
    if (at(head + L.NODE_WEIGHT) >>> 0 <= free >>> 0) bad(`somebody sleeps at record ${sync}, which has enough for them`);
    const lock = at(record + L.SYNC_LOCK_OF);
    if (lock !== 0 && at(lock + L.SYNC_GEN) === at(record + L.SYNC_LOCK_GEN) && at(lock + L.SYNC_FLAGS) & L.SYNC_ABANDONED)
      bad(`somebody sleeps at condition ${sync}, whose lock is abandoned`);
  }
}
