// Cases of leased queues: producers and consumers as the threads of the runtime use them.

import { looping, plan } from "./notation.ts";
import type { Instruction, ModelCase, ThreadPlan } from "./program.ts";
import type { QueuePlan } from "./program-lease.ts";

const TIMER = { timer: true };
const TRY = { try: true };
type More = { try?: boolean; timer?: boolean; place?: number; queue?: number };

const put = (value: number, { queue = 0, ...more }: More = {}): Instruction => ({ do: "put", queue, value, ...more });
const lease = ({ queue = 0, place = 0, ...more }: More = {}): Instruction => ({ do: "lease", queue, place, ...more });
const ack = (place = 0): Instruction => ({ do: "ack", place });
const nack = (place = 0): Instruction => ({ do: "nack", place });
const expire: Instruction = { do: "expire", queue: 0 };
const close = (queue = 0): Instruction => ({ do: "closeQueue", queue });
const make = (queue: number): Instruction => ({ do: "makeQueue", queue });
/** Takes a job and does it. */
const done = (more: More = {}): Instruction[] => [lease(more), ack(more.place)];

const queue = (capacity: number, more: Partial<QueuePlan> = {}): QueuePlan => ({ capacity, attempts: 0, ...more });
const BLOCKS = { blocks: true };
/** A queue of one attempt, and behind it its dead letters. */
const withLetters = (capacity: number, attempts = 1): QueuePlan[] => [queue(1, { closed: true }), queue(capacity, { attempts, dead: 0 })];
const letters = { queue: 0 };
const main = { queue: 1 };

const leased = (name: string, queues: QueuePlan[], ...threads: (ThreadPlan | Instruction[])[]): ModelCase => ({
  name: `lease: ${name}`,
  channels: [],
  queues,
  threads: threads.map((one) => (Array.isArray(one) ? plan(...one) : one)),
});
/** Somebody may rightly be left asleep. */
const drowsy = (model: ModelCase): ModelCase => ({ ...model, maySleep: true });

const ALONE: ModelCase[] = [
  leased(
    "alone",
    [queue(2, BLOCKS)],
    [put(1), put(2), put(3, TRY), lease(), nack(), ...done(), lease(), put(4, TRY), nack(), ...done(), ...done(), close(), lease(TRY)],
  ),
  leased(
    "alone: two at once",
    [queue(3)],
    [put(1), put(2), put(3), lease(), lease({ place: 1 }), nack(), nack(1), ...done(), ...done(), ...done(), close()],
  ),
  leased(
    "alone: gives up",
    [queue(1)],
    [lease(TIMER), put(1), put(2, TIMER), lease(), put(3), nack(), ...done(), ...done(), lease(TRY), close()],
  ),
  leased("alone: dead letters", withLetters(2, 2), [
    put(1, main),
    put(2, main),
    lease(main),
    nack(),
    lease(main),
    nack(),
    ...done(main),
    close(1),
    lease(letters),
    nack(),
    ...done(letters),
    lease(letters),
  ]),
  leased("alone: time is up", [queue(2, BLOCKS)], [put(1), lease(), expire, ack(), lease(), expire, expire, ...done(), expire, close()]),
  leased(
    "alone: close, free and make again",
    [queue(1), queue(1)],
    [put(1), close(), ...done(), make(1), put(2, main), ...done(main), close(1)],
  ),
];

const PAIRS: ModelCase[] = [1, 2].flatMap((capacity) => [
  leased(`capacity ${capacity}, one to one`, [queue(capacity, BLOCKS)], [put(1), put(2)], [...done(), ...done()]),
  leased(`capacity ${capacity}, one to one, given back`, [queue(capacity)], [put(1), put(2)], [lease(), nack(), ...done(), ...done()]),
  leased(`capacity ${capacity}, one to two`, [queue(capacity)], [put(1), put(2), close()], [...done(), ...done()], [...done(), ...done()]),
  leased(`capacity ${capacity}, two to one`, [queue(capacity)], [put(1)], [put(2)], [...done(), ...done(), close()]),
  leased(`capacity ${capacity}, from the loop`, [queue(capacity, BLOCKS)], looping(put(1), put(2)), looping(...done(), ...done())),
]);

const ENDS: ModelCase[] = [
  leased("who waits for the end gets what comes back", [queue(1)], [put(1), lease(TRY), close(), nack()], [...done(), ...done()]),
  leased("two wait for the end", [queue(1)], [put(1), lease(TRY), close(), ack()], done(), done()),
  leased("closed while producers wait", [queue(1)], [put(1), put(2)], [put(3)], [close(), ...done(), ...done(), ...done()]),
  leased("closed by two", [queue(1)], [put(1, TIMER), close()], [close(), ...done()], [...done(), ...done()]),
  leased("a producer gives up", [queue(1)], [put(1), put(2, TIMER)], [put(3, TIMER)], [...done(), ...done(TIMER), ...done(TIMER)]),
  leased("a consumer gives up", [queue(1)], [put(1), put(2, TIMER)], [...done(TIMER)], [...done(TIMER), ...done(TIMER)]),
  leased("tries", [queue(1)], [put(1, TRY), put(2, TRY)], [...done(TRY), ...done(TRY)], [put(3, TRY), ...done(TRY)]),
];

const LETTERS: ModelCase[] = [
  leased(
    "one attempt, then the dead letters",
    withLetters(1),
    [put(1, main), close(1)],
    [lease(main), nack(), lease(main)],
    [...done(letters), lease(letters)],
  ),
  leased(
    "letters are waited for before there are any",
    withLetters(2),
    [put(1, main), put(2, main), close(1)],
    [lease(main), nack(), ...done(main)],
    [...done(letters), lease(letters)],
  ),
  leased(
    "two fail at once",
    withLetters(2),
    [put(1, main), put(2, main), lease(main), nack(), close(1)],
    [lease(main), nack(), lease(letters), ack()],
  ),
  drowsy(
    leased(
      "letters of two queues",
      [queue(1, { closed: true }), queue(1, { attempts: 1, dead: 0 }), queue(1, { attempts: 1, dead: 0 })],
      [put(1, main), lease(main), nack(), close(1)],
      [put(2, { queue: 2 }), lease({ queue: 2 }), nack(), close(2)],
      [...done(letters), ...done(letters), lease(letters)],
    ),
  ),
  leased("dead letters are closed while a queue is made", [queue(1), queue(1, { attempts: 1, dead: 0 })], [make(1), close(1)], [close(0)]),
];

const LIMITS: ModelCase[] = [
  leased("time is up while it works", [queue(1, BLOCKS)], [put(1), close()], [...done(), ...done()], [expire, ...done(), ...done()]),
  leased("time is up for two", [queue(2)], [put(1), put(2), close()], [...done(), ...done()], [expire, expire, ...done(), ...done()]),
  leased(
    "given back and taken away at once",
    withLetters(1, 2),
    [put(1, main), lease({ ...main, ...TRY }), nack(), close(1)],
    [{ do: "expire", queue: 1 }, ...done(main), lease(main)],
  ),
];

const CROWD: ModelCase[] = [1, 2].flatMap((capacity) => [
  leased(
    `2×2, capacity ${capacity}`,
    [queue(capacity)],
    [put(1), put(2)],
    [put(3), put(4)],
    [...done(), ...done()],
    [...done(), ...done()],
  ),
  leased(
    `2×2, capacity ${capacity}, one gives back`,
    [queue(capacity)],
    [put(1), put(2)],
    [put(3)],
    [lease(), nack(), ...done()],
    [...done(), ...done()],
  ),
]);

export const LEASE_CASES: ModelCase[] = [...ALONE, ...PAIRS, ...ENDS, ...LETTERS, ...LIMITS];
export const LEASE_CROWDS: ModelCase[] = CROWD;
