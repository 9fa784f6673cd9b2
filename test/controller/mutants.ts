// Can the controller fail? Copies of src, each spoiled in one place around the transitions, that must be found wrong.

import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as B from "./board.ts";
import { Crew } from "./crew.ts";
import { scheduleOf, stops } from "./explore.ts";
import { SYNC_MUTANTS } from "./mutants-sync.ts";
import type { Program } from "./program.ts";
import { CHANNEL_PROGRAMS } from "./programs.ts";
import { SYNC_PROGRAMS } from "./programs-sync.ts";
import { faultOf, lineOf } from "./replay.ts";

export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface MutantResult {
  readonly name: string;
  readonly runs: number;
  /** The run that found it, as a line for --replay on the spoiled copy. */
  readonly caughtBy: string | undefined;
  readonly what: string | undefined;
}

const PARK = "src/runtime/memory/park.ts";
const WAIT = "src/runtime/operation/wait.ts";
const SELECT = "src/runtime/select/selection.ts";
const RING = "src/runtime/channel/ring.ts";
const SENDER = "src/runtime/channel/sender.ts";
const RECEIVER = "src/runtime/channel/receiver.ts";
const GUARD = "src/runtime/operation/guard.ts";
const LINK = "src/runtime/context/link.ts";
const SWEEP = "src/workers/sweep.ts";

const CHANNEL_MUTANTS: readonly Mutant[] = [
  { name: "a cancelled wait stays linked", file: WAIT, from: "  operation.withdraw(op);\n  return true;", to: "  return true;" },
  { name: "a cancel that came too late counts", file: WAIT, from: "if (status === L.FIRED) return false;", to: "" },
  {
    name: "a timeout takes nothing back",
    file: WAIT,
    from: "&& takeBack(operation, op)) {",
    to: ") {",
  },
  {
    name: "a fired wait that timed out is not waited for",
    file: WAIT,
    from: "if (!op.isSettled) thread.parker.block(() => op.isSettled, Number.POSITIVE_INFINITY);",
    to: "",
  },
  { name: "the timeout's timer outlives the wait", file: WAIT, from: "if (timer) thread.timers.cancel(timer);", to: "" },
  { name: "an operation is not given back", file: WAIT, from: "if (!isKept) operation.thread.ops.release(op);", to: "" },
  { name: "the keep-alive is not let go", file: WAIT, from: "thread.parker.release();", to: "{}" },
  {
    name: "no look between BLOCKED and sleep",
    file: PARK,
    from: "if (Atomics.load(this.#i32, this.#ready) === 0) {\n          const leftMs",
    to: "{\n          const leftMs",
  },
  {
    name: "no look between IDLE and sleep",
    file: PARK,
    from: "if (Atomics.load(this.#i32, this.#ready) !== 0 || this.#hooks.onIdle()) {\n      Atomics.store(this.#i32, this.#park, L.PARK_RUNNING);\n      this.#scheduleTurn();\n      return;\n    }\n    this.#updateKeepAlive",
    to: "this.#updateKeepAlive",
  },
  { name: "waitAsync is not renewed", file: PARK, from: "this.#await(); // before IDLE is stored again (invariant 2)", to: "" },
  {
    name: "a wake of the loop does not drain",
    file: PARK,
    from: "this.#hooks.onBusy(); // what is settled now may compute for long; a wake for a task alone goes straight to the next turn\n      this.drain();",
    to: "return;",
  },
  { name: "no turn after a blocking wait", file: PARK, from: "if (this.#armed) this.#scheduleTurn();\n    }\n  }", to: "}\n  }" },
  {
    name: "the ready list is taken newest first and only one of it",
    file: PARK,
    from: "return records.reverse();",
    to: "return records.slice(0, 1);",
  },
  {
    name: "sleeps under the wrong word",
    file: PARK,
    from: "Atomics.store(this.#i32, this.#park, L.PARK_BLOCKED);",
    to: "Atomics.store(this.#i32, this.#park, L.PARK_IDLE);",
  },
  { name: "a select leaves the other cases linked", file: SELECT, from: "if (arm.isLinked) arm.channel!.withdraw(arm.node);", to: "" },
  { name: "a select links without claiming itself", file: SELECT, from: "link = L.LINK | L.VISIBLE;", to: "link = L.LINK;" },
  {
    name: "a select takes a peer's choice for its own case",
    file: SELECT,
    from: "if (status === L.FIRED) return L.PARKED;",
    to: "if (status === L.FIRED) return this.#choose(index, 0, L.OK);",
  },
  {
    name: "a select gives borrowed operations back while they are linked",
    file: SELECT,
    from: "    this.#unlink();\n    for (const arm of this.#arms) if (arm !== chosen)",
    to: "    for (const arm of this.#arms) if (arm !== chosen)",
  },
  { name: "close wakes one waiter", file: RING, from: "if (status === L.AGAIN) resume = 1;", to: "if (status === L.AGAIN) return true;" },
  {
    name: "a stale waiter ends an attempt",
    file: RING,
    from: "if (status !== L.AGAIN) return status;",
    to: "return status === L.AGAIN ? L.BLOCK : status;",
  },
  { name: "a channel is not freed after its close", file: RING, from: "if (status === L.OK) this.freeIfDrained();", to: "" },
  {
    name: "a send tries again after it was accepted",
    file: SENDER,
    from: "return status === L.BLOCK && ring.lookAgain(L.SENDING) ? ring.trySend(bits) : status;",
    to: "return status === L.OK ? ring.trySend(bits) : status;",
  },
  { name: "a refused send counts as accepted", file: WAIT, from: "return op.isClosed ? L.CLOSED : L.OK;", to: "return L.OK;" },
  {
    name: "a refused block is not freed",
    file: SENDER,
    from: "this.ring.discard(bits);\n    if (status === L.CLOSED) throw closed();",
    to: "if (status === L.CLOSED) throw closed();",
  },
  { name: "the last value out does not free", file: RECEIVER, from: "if (ring.isDrained) ring.freeIfDrained();", to: "" },
  {
    name: "recvMany forgets the first value",
    file: RECEIVER,
    from: "    const first = await this.recv(options);\n    return first === CLOSED ? CLOSED : [first, ...this.#recvSome(max - 1)];",
    to: "    const first = await this.recv(options);\n    return first === CLOSED ? CLOSED : this.#recvSome(max - 1);",
  },
  {
    name: "sendMany skips the value that had to wait",
    file: SENDER,
    from: "if (from < values.length) await this.send(values[from]!, leftOf(options, deadline));",
    to: "",
  },
  {
    name: "a wait does not see that its context ended it",
    file: WAIT,
    from: "const isEnded = guards?.hasFired(op);",
    to: "const isEnded = false;",
  },
  { name: "guards stay linked", file: GUARD, from: "guard.withdraw(carrier.node);", to: "" },
  { name: "a context counts as active until its channel is freed", file: LINK, from: "|| this.done.ring.isDrained", to: "" },
  { name: "the sweep does not go on with a close", file: SWEEP, from: "resumeClose(thread, dead);", to: "" },
  { name: "the sweep leaves waiters linked", file: SWEEP, from: "sweepWaiters(thread, dead, hasExited);", to: "" },
  { name: "the sweep leaves blocks", file: SWEEP, from: 'while (thread.call("sweep", (fn) => fn.sweepBlock(dead)) === L.AGAIN);', to: "" },
];

export const MUTANTS: readonly Mutant[] = [...CHANNEL_MUTANTS, ...SYNC_MUTANTS];

/** A copy of src with the mutant in it; the URL of the folder that holds it. Throws if the code it spoils is not there, or not once. */
export function spoil(root: string, mutant: Mutant, place: string): string {
  const folder = new URL(`.cache/control/${place}/`, root);
  rmSync(folder, { recursive: true, force: true });
  cpSync(fileURLToPath(new URL("src", root)), fileURLToPath(new URL("src", folder)), { recursive: true });
  const file = new URL(mutant.file, folder);
  const parts = readFileSync(file, "utf8").split(mutant.from);
  if (parts.length !== 2)
    throw new Error(`mutant "${mutant.name}": expected its code once in ${mutant.file}, found it ${parts.length - 1} times`);
  writeFileSync(file, parts.join(mutant.to));
  return folder.href;
}

/** Those that use what it spoils. */
const programsFor = (mutant: Mutant): readonly Program[] => (SYNC_MUTANTS.includes(mutant) ? SYNC_PROGRAMS : CHANNEL_PROGRAMS);

/**
 * Runs on spoiled code until one is wrong: random schedules over the programs, with and without deaths; then a thread stopped before every step. What
 * only a death can show is looked for by the latter at once.
 */
export async function hunt(crew: Crew, mutant: Mutant, most: number, programs = programsFor(mutant)): Promise<MutantResult> {
  const { name } = mutant;
  let runs = 0;
  while (runs < most && mutant.file !== SWEEP) {
    const program = programs[runs % programs.length]!;
    const schedule = scheduleOf(runs, Math.floor(runs / programs.length) % 2 === 1);
    runs++;
    const what = faultOf(program, await crew.run(program, schedule));
    if (what !== undefined) return { name, runs, caughtBy: lineOf(program, schedule), what };
  }
  for (const program of programs) {
    const findings = await stops(crew, program, 1, B.STOP);
    runs += findings.runs;
    const [first] = findings.faults;
    if (first) return { name, runs, caughtBy: first.line, what: first.what };
  }
  return { name, runs, caughtBy: undefined, what: undefined };
}

export async function runMutants(root: string, only: string, log: (line: string) => void): Promise<MutantResult[]> {
  const results: MutantResult[] = [];
  for (const mutant of MUTANTS) {
    if (!mutant.name.includes(only)) continue;
    const crew = Crew.on(spoil(root, mutant, "mutant"));
    const result = await hunt(crew, mutant, 6_000);
    await crew.close();
    results.push(result);
    log(
      `${result.caughtBy ? `caught in run ${result.runs}` : `NOT CAUGHT in ${result.runs} runs`}: ${mutant.name}${result.what ? `\n    ${result.what}\n    ${result.caughtBy}` : ""}`,
    );
  }
  return results;
}
