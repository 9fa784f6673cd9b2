// Kills under sync primitives: threads die while they hold, wait for, and are handed mutexes, rw mutexes, conditions, permits, places, onces and barriers.
//
//   node test/chaos/sync-kills.js [--kills 2000] [--seed 1] [--api dist/src/index.js]
//
// Beside what runtime-kills-run.js holds the runtime to: nobody gets a lock without a mark whose holder died inside, and nobody with one whose holder
// did not; what was held returns; a once is done, one at a time, and done again only after a death; numbers add up; every record is freed.
// Prints one line of JSON, exits 1 otherwise.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { setEnvironmentData } from "node:worker_threads";
import { killUnderTraffic, main } from "./runtime-kills-run.js";
import { COUNTS, HOLDING, KINDS, ONCES, SYNC_BYTES, syncBooks } from "./sync-kills-books.js";

const PERMITS = 4;

function play(cast, buffer) {
  const { sync } = cast;
  const [mutex, rw, guarded, semaphore, group, barrier] = [
    sync.mutex(),
    sync.rwMutex(),
    sync.mutex(),
    sync.semaphore(PERMITS),
    sync.waitGroup(),
    sync.barrier(3),
  ];
  const cond = sync.cond(guarded);
  const onces = Array.from({ length: ONCES }, () => sync.once());
  const [int, float] = [sync.atomicInt(), sync.atomicFloat()];
  for (const [name, ...shared] of [
    ["mutexes", mutex],
    ["mutexes", mutex],
    ["mutexesSync", mutex],
    ["writes", rw],
    ["writesSync", rw],
    ["reads", rw],
    ["reads", rw],
    ["waitsAt", guarded, cond],
    ["waitsAt", guarded, cond],
    ["signalsSync", guarded, cond],
    ["acquires", semaphore],
    ["acquires", semaphore],
    ["acquiresSync", semaphore],
    ["places", group],
    ["places", group],
    ["zerosSync", group],
    ["onces", ...onces],
    ["onces", ...onces],
    ["meetsAll", barrier],
    ["meetsAll", barrier],
    ["meetsAllSync", barrier],
    ["adds", int, float],
  ])
    cast.role(name, { isDedicated: name.endsWith("Sync"), shared });

  return {
    async audit(until) {
      const books = syncBooks(buffer);
      const seen = Object.fromEntries(COUNTS.map((name, i) => [name, books.counts[i]]));
      const isReturned = () => semaphore.available === PERMITS && group.count === 0;
      const returned = await until(isReturned, 2_000);
      const died = {};
      for (const task of cast.dead) {
        const state = books.state[task];
        const what = `${KINDS[state % HOLDING]}${state >= HOLDING ? " held" : ""}`;
        died[what] = (died[what] ?? 0) + 1;
      }
      const robbed = [...books.claimed.keys()].filter((task) => books.claimed[task] === 1 && !cast.dead.has(task)).length;
      const isSumRight =
        int.load() >= seen.added && int.load() <= seen.attempted && Math.abs(float.load() * 2 - int.load()) <= cast.dead.size;
      const parties = died.barrier ?? 0;
      const areRoundsRight = Math.abs(seen.passed - 3 * seen.rounds) <= 3 * parties;
      const faults =
        seen.unmarked + seen.torn + seen.overlap + seen.missed + robbed + Number(!returned) + Number(!isSumRight) + Number(!areRoundsRight);
      return { faults, ...seen, robbed, returned, isSumRight, areRoundsRight, died };
    },
    close() {
      for (const one of [mutex, rw, cond, guarded, semaphore, group, barrier, int, float]) one.close();
      for (const one of onces) one[Symbol.dispose]();
    },
  };
}

export function syncKills(api, apiUrl, options) {
  const buffer = new SharedArrayBuffer(SYNC_BYTES);
  setEnvironmentData("sync-kills", buffer); // before the first thread starts
  return killUnderTraffic("sync-kills", (cast) => play(cast, buffer), api, apiUrl, options, "sync-kills.js");
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main(syncKills);
