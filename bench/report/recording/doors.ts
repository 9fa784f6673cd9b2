/**
 * Doors: the methods through which values leave one thread and come in on another, made to note that in a log.
 *
 * They are replaced on the prototypes of this thread's classes: the library has no notion of being recorded, and pays nothing when it is not. A door that
 * goes through others (many values, a call each) notes all of them itself; those inside it note nothing.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { CLOSED, EMPTY, LeasedQueue, Receiver, Sender } from "../../../src/index.ts";
import { KIND, type Kind, type Log, now } from "./log.ts";

// biome-ignore lint/suspicious/noExplicitAny: methods of many classes, called as they were
type Method = (this: any, ...args: any[]) => any;

interface Door {
  readonly of: object;
  readonly names: readonly PropertyKey[];
  readonly kind: Kind;
  /** The number of what it leads into, or out of: the same on all threads. */
  readonly keyOf: (self: never) => number;
  /** How many values went through, by what the method answered and what it was given. */
  readonly countOf: (result: unknown, given: unknown) => number;
  /** It goes through other doors. */
  readonly isMany?: boolean;
}

/** A channel or a receiver as a case of a select; `finish` says what came of it, when it was chosen. */
interface Case {
  finish(...outcome: unknown[]): unknown;
}
/** The library keeps the key to itself. */
const CASE = Object.getOwnPropertySymbols(Receiver.prototype).find(({ description }) => description === "heddle.case")!;

const INDEX_SPAN = 2 ** 26;

const one = () => 1;
const oneIfTrue = (result: unknown) => (result === true ? 1 : 0);
const oneIfThere = (result: unknown) => (result === CLOSED || result === EMPTY ? 0 : 1);
const allGiven = (_: unknown, given: unknown) => (given as ArrayLike<unknown>).length;
const allAnswered = (result: unknown) => (result === CLOSED ? 0 : (result as unknown[]).length);
/** A job that is handed out again comes from no producer. */
const oneIfNew = (lease: unknown) => (lease === CLOSED || lease === EMPTY || (lease as { attempt: number }).attempt > 1 ? 0 : 1);

const channelOf = (end: Sender<unknown> | Receiver<unknown>) => end.ring.handle;
const queueOf = ({ place }: LeasedQueue<unknown>) => place.gen * INDEX_SPAN + place.address;

const out = { of: Sender.prototype, kind: KIND.sent, keyOf: channelOf } as const;
const into = { of: Receiver.prototype, kind: KIND.received, keyOf: channelOf } as const;
const queue = { of: LeasedQueue.prototype, keyOf: queueOf } as const;

const DOORS: readonly Door[] = [
  { ...out, names: ["trySend"], countOf: oneIfTrue },
  { ...out, names: ["send", "sendSync"], countOf: one },
  { ...out, names: ["sendMany", "sendManySync"], countOf: allGiven, isMany: true },
  { ...into, names: ["tryRecv", "recv", "recvSync", "recvInto", "recvIntoSync"], countOf: oneIfThere },
  { ...into, names: ["recvMany", "recvManySync"], countOf: allAnswered, isMany: true },
  { ...queue, names: ["trySend"], kind: KIND.queued, countOf: oneIfTrue },
  { ...queue, names: ["send", "sendSync"], kind: KIND.queued, countOf: one },
  { ...queue, names: ["tryTake", "take", "takeSync"], kind: KIND.leased, countOf: oneIfNew },
];

/** Of these the time counts at which the method was called, and not that at which its wait was over. */
const LEAVE_WHEN_CALLED: readonly Kind[] = [KIND.sent, KIND.queued];

const isInMany = new AsyncLocalStorage<boolean>();

/** Makes this thread's doors note what goes through them. The answer undoes it. */
export function watchDoors(log: Log): () => void {
  const undo: (() => void)[] = [];
  const replace = (owner: object, name: PropertyKey, make: (original: Method) => Method) => {
    const methods = owner as Record<PropertyKey, Method>;
    const original = methods[name]!;
    methods[name] = make(original);
    undo.push(() => {
      methods[name] = original;
    });
  };
  for (const door of DOORS) for (const name of door.names) replace(door.of, name, (original) => watched(log, door, original));
  replace(Receiver.prototype, CASE, (original) => watchedCase(log, KIND.received, original));
  replace(Sender.prototype, "sending", (original) => {
    return function (this: Sender<unknown>, value: unknown) {
      return { [CASE]: watchedCase(log, KIND.sent, () => original.call(this, value)[CASE]()).bind(this) };
    };
  });
  replace(Receiver.prototype, Symbol.asyncIterator, () => steps); // as the original, through a door
  return () => {
    for (const one of undo.reverse()) one();
  };
}

function watched(log: Log, { kind, keyOf, countOf, isMany = false }: Door, original: Method): Method {
  return function (...args) {
    if (isInMany.getStore()) return original.apply(this, args);
    const at = now();
    const note = (result: unknown) => {
      const time = LEAVE_WHEN_CALLED.includes(kind) ? at : now();
      log.note(kind, keyOf(this as never), countOf(result, args[0]), time);
    };
    const result = isMany ? isInMany.run(true, () => original.apply(this, args)) : original.apply(this, args);
    if (result instanceof Promise)
      result.then(note, () => undefined); // a wait that fails lets nothing through; its caller hears of it
    else note(result);
    return result;
  };
}

/** A case of a select, once it is chosen. */
function watchedCase(log: Log, kind: Kind, original: Method): Method {
  return function () {
    const made: Case = original.call(this);
    const finish: Case["finish"] = (...outcome) => {
      const result = made.finish(...outcome);
      log.note(kind, channelOf(this), oneIfThere(result));
      return result;
    };
    return { ...made, finish };
  };
}

function steps(this: Receiver<unknown>): AsyncIterableIterator<unknown, undefined> {
  return {
    next: async () => {
      const value = await this.recv();
      return value === CLOSED ? { value: undefined, done: true } : { value, done: false };
    },
    return: async () => ({ value: undefined, done: true }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
