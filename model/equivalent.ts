// Mutants that change nothing a thread could notice, and why. Told by what the code says around them, so that the rules outlive a rebuild.

import type { Instruction } from "../scripts/wasm-decode.js";
import * as L from "../src/runtime/memory/layout.ts";
import { shipped } from "./interpreter.ts";
import type { NamedMutant } from "./mutants.ts";
import { reachOf } from "./unreachable.ts";

interface Site {
  mutant: NamedMutant;
  code: readonly Instruction[];
  /** Offset of the store it is, or of the store that the branch guards. */
  offset: number | undefined;
  isLastOfItsKind: boolean;
  /** The store is the first thing its branch does. */
  isGuarded: boolean;
}
type Rule = [reason: string, holds: (site: Site) => boolean];

const names = (site: Site, ...functions: string[]) => functions.includes(site.mutant.fn);
const constantNear = ({ mutant, code }: Site, value: number, within: number) =>
  code.slice(Math.max(0, mutant.index - within), mutant.index).some((one) => one.op === "i32.const" && one.value === value);
const isWake = (site: Site) => site.mutant.op.includes("cmpxchg") && constantNear(site, L.SLOT_PARK, 8);

/** The instruction that makes the value that is stored. */
const storedBy = ({ mutant, code }: Site, op: string) => code[mutant.index - 1]?.op === op;
/** The same word is stored again a few instructions on. */
const isStoredAgain = ({ mutant, code, offset }: Site) =>
  code.slice(mutant.index + 1, mutant.index + 16).some((one) => one.op === "i32.store" && one.offset === offset);
/** The branch compares the epoch of an operation's slot with the operation's. */
const looksAtEpochs = ({ mutant, code }: Site) =>
  code[mutant.index - 1]?.op === "i32.ne" &&
  code[mutant.index - 4]?.op === "i32.atomic.load" &&
  code[mutant.index - 4]?.offset === L.SLOT_EPOCH;

/** The branch for VISIBLE where a case is not ready and is not to be linked, or the store of OP_STATE that it guards. */
function isVisibleUnlinked({ mutant, code }: Site): boolean {
  const at = mutant.op === "if" ? mutant.index : mutant.index - 3;
  const isGuard = code[at]?.op === "if" && code[at - 2]?.value === L.VISIBLE && code[at + 3]?.offset === L.OP_STATE;
  return isGuard && code[at - 4]?.op === "else";
}

/** The transitions that serve a waiter of a sync record: each carries that step inlined. */
const SERVING = ["syncAdd", "syncSignal", "syncClose", "syncRelease", "syncServe"];
/** A store to the predecessor of a node that is taken out of a queue: where a call takes out any node it does so before it serves. */
function isBeforeHead(site: Site): boolean {
  const { mutant, code, offset } = site;
  if (!names(site, ...SERVING) || offset !== L.NODE_NEXT || !site.isGuarded) return false;
  const isFirst = !code
    .slice(0, mutant.index)
    .some((one, i) => one.op === "i32.store" && one.offset === L.NODE_NEXT && code[i - 3]?.op === "if");
  return mutant.fn !== "syncServe" || !isFirst;
}
/** Where a waiter is claimed. */
const claimIn = (code: readonly Instruction[]) =>
  code.findIndex(({ op }, i) => op.includes("cmpxchg") && code[i - 1]?.value === L.OP_LOCKED && code[i - 2]?.value === L.OP_WAITING);
/** Within the look at whether the oldest can be served, before it is served. */
function isBeforeServing({ mutant, code }: Site): boolean {
  const claim = claimIn(code);
  const leaving = code.findLastIndex(({ op }, i) => i < claim && op === "br_if");
  const look = code.findLastIndex(({ op }, i) => i < leaving && op === "block");
  return claim > 0 && mutant.index > look && mutant.index < leaving;
}
const isUnclaimable = ({ mutant, code }: Site) =>
  mutant.index > claimIn(code) && code[mutant.index - 1]?.op === "i32.ne" && code[mutant.index - 2]?.value === L.OP_LOCKED;
const isPhase = (site: Site) => site.offset === L.SYNC_PHASE && site.mutant.change === "wrong" && storedBy(site, "i32.add");

const RULES: readonly Rule[] = [
  ["who is served is the oldest in the queue and has no predecessor", isBeforeHead],
  [
    "who could be served by this call is served by the next, which its answer asks for",
    (site) => names(site, "syncAdd", "syncSignal", "syncClose", "syncRelease") && site.mutant.change === "never" && isBeforeServing(site),
  ],
  [
    "a thread that was retired this moment is handed it as if the moment before, and its sweep hands it on",
    (site) => names(site, ...SERVING) && site.mutant.change === "never" && looksAtEpochs(site),
  ],
  [
    "whoever gave its wait up takes its node out itself",
    (site) => names(site, "syncAdd", "syncSignal", "syncClose", "syncRelease") && site.mutant.change === "never" && isUnclaimable(site),
  ],
  [
    "a record without any mark is cleared of one",
    (site) =>
      names(site, "syncSignal") &&
      site.mutant.op === "if" &&
      site.mutant.change === "invert" &&
      site.code[site.mutant.index + 4]?.value === ~L.SYNC_ABANDONED,
  ],
  ["a phase that moves on by two is as new as one that moves on by one", isPhase],
  [
    "the supervisor sleeps in its event loop only, where a notify is not lost and one too many is a turn for nothing",
    (site) => isWake(site) && constantNear(site, L.HEAP_SUPERVISOR_AT, 14),
  ],
  [
    "taskTake takes the head of the queue, which has no predecessor",
    (site) => names(site, "taskTake") && site.offset === L.TASK_QUEUE_NEXT,
  ],
  [
    "the head of the idle list is taken, which has no predecessor",
    (site) => site.offset === L.SLOT_IDLE_NEXT && site.isLastOfItsKind && names(site, "taskTake", "taskGo", "taskKick"),
  ],
  [
    "close takes the heads of the queues, which have no predecessor",
    (site) => names(site, "close") && site.offset === L.NODE_NEXT && site.isGuarded,
  ],
  [
    "nobody asks for VISIBLE without LINK, and the state of an operation that is linked nowhere is seen by nobody",
    (site) => names(site, "chanOp") && isVisibleUnlinked(site),
  ],
  [
    "a state that is neither waiting nor locked nor fired says that it is over, whichever it is",
    ({ mutant, code }) =>
      mutant.fn === "chanOp" &&
      mutant.change === "wrong" &&
      code[mutant.index - 1]?.value === L.OP_DONE &&
      code[mutant.index]?.offset === L.OP_STATE,
  ],
  [
    "a waiter whose thread is gone may be told of the close as well: no value is lost with it",
    (site) => names(site, "close") && site.mutant.change === "never" && looksAtEpochs(site),
  ],
  [
    "the supervisor fails tasks itself and is awake: waking it does nothing",
    ({ mutant, code }) =>
      mutant.fn === "taskFail" && mutant.index > code.findIndex(({ op, offset }) => op === "i32.atomic.load" && offset === L.SLOT_STATE),
  ],
  [
    "a generation that moves on by two is as new as one that moves on by one",
    (site) =>
      site.mutant.change === "wrong" &&
      ((names(site, "taskCollect") && site.offset === L.TASK_GEN) ||
        (names(site, "chanFree") && site.offset === L.CHANNEL_GEN && storedBy(site, "i32.add"))),
  ],
  [
    "a joiner's epoch is compared only after it was retired, and then any older one differs",
    (site) => names(site, "taskGo") && site.offset === L.TASK_JOINER_EPOCH && site.mutant.change === "drop",
  ],
  [
    "taskCollect has cleared the result of the record before",
    (site) => names(site, "taskCancel") && site.offset === L.TASK_RESULT && site.mutant.change === "drop",
  ],
  ["a park word left by the dead costs its heir one needless notify", (site) => names(site, "slotOpen") && site.offset === L.SLOT_PARK],
  [
    "what senders last saw of the receivers may be behind: they look again before they call the ring full",
    (site) =>
      names(site, "trySend", "trySendMany", "chanOp", "chanFree") && site.offset === L.CHANNEL_RECV_SEEN && site.mutant.change === "drop",
  ],
  [
    "whoever comes late to a freed channel sees its generation first, and chanMake writes flags and ring anew",
    (site) => names(site, "chanFree") && [L.CHANNEL_FLAGS, L.CHANNEL_BUFFER].includes(site.offset!) && storedBy(site, "i32.const"),
  ],
  [
    "beyond the senders' own index it makes the ring look full, and then they look again",
    (site) => names(site, "chanFree") && site.offset === L.CHANNEL_RECV_SEEN && site.mutant.change === "wrong",
  ],
  [
    "whoever takes the block writes its owner anew, and no slot has the address 1",
    (site) => names(site, "blockFree", "sweepBlock", "chanFree") && site.offset === L.BLOCK_OWNER && site.mutant.change === "wrong",
  ],
  [
    "whoever takes the block writes its owner anew, and nobody can name it before",
    (site) => names(site, "sweepBlock") && site.offset === L.BLOCK_OWNER && site.mutant.change === "drop",
  ],
  [
    "sweepBlock takes the head of the list, which has no predecessor",
    (site) => names(site, "sweepBlock") && site.offset === L.BLOCK_NEXT && site.isGuarded,
  ],
  [
    "after the exit and the sweep of its operations nobody else takes the slot's lock",
    (site) => names(site, "sweepBlock", "sweepChunk") && site.mutant.index < 9,
  ],
  [
    "a block that lies free has no owner, and fresh memory is zero",
    (site) => names(site, "chanMake") && site.offset === L.BLOCK_OWNER && site.mutant.change === "drop" && storedBy(site, "i32.const"),
  ],
  [
    "a ring that is given back in the call that took it still has the link it had",
    (site) => names(site, "chanMake") && site.offset === L.BLOCK_NEXT && site.mutant.change === "drop" && storedBy(site, "i32.load"),
  ],
  [
    "the owner is written again when the block enters the receiver's list, in the same call",
    (site) => names(site, "chanOp") && site.offset === L.BLOCK_OWNER && storedBy(site, "i32.const") && isStoredAgain(site),
  ],
  [
    "the owner is written again when the block enters the caller's list, in the same call",
    (site) => names(site, "blockAlloc") && site.offset === L.BLOCK_OWNER && !site.isLastOfItsKind,
  ],
];

const reaches = new Map(shipped.functions.map((fn) => [fn.name, reachOf(fn)]));

/** The code of a step for all kinds of sync records, in a function that only some of them come to. */
function isUnreachable({ fn, index, op, change }: NamedMutant): boolean {
  const reach = reaches.get(fn);
  return reach !== undefined && (!reach.runs[index] || (/if$/.test(op) && change === "never" && !reach.isTaken[index]));
}

/** Why this mutant cannot be noticed, or undefined. */
export function whyEquivalent(mutant: NamedMutant): string | undefined {
  if (isUnreachable(mutant)) return "no sync record for which this code is there comes to this function";
  const { code } = shipped.functions.find(({ name }) => name === mutant.fn)!;
  const isBranch = mutant.op === "if" || mutant.op === "br_if";
  if (isBranch && mutant.change !== "never") return byRule({ mutant, code, offset: undefined, isLastOfItsKind: false, isGuarded: false });
  const at = isBranch
    ? mutant.index + 1 + code.slice(mutant.index + 1, mutant.index + 5).findIndex(({ op }) => op.includes("store"))
    : mutant.index;
  const store = code[at]!.op.includes("store") ? code[at] : undefined;
  const isLastOfItsKind = !code.slice(at + 1).some(({ op, offset }) => op === store?.op && offset === store.offset);
  return byRule({ mutant, code, offset: store?.offset, isLastOfItsKind, isGuarded: code[at - 3]?.op === "if" });
}

function byRule(site: Site): string | undefined {
  return RULES.find(([, holds]) => holds(site))?.[0];
}
