// Visits every state of a scene, depth first, each once: states are told apart by a 64-bit hash of all words. Checks the properties on the way
// and at rest, then walks the edges backwards from the ends: a state from which no end can be reached without a further fault is a hang.

import type { Scene } from "./build.ts";
import { apply, checkEnd, choiceThread, isFault, listChoices } from "./choices.ts";
import { RaceCheck } from "./races.ts";
import { StateTable } from "./state-table.ts";
import { Violation } from "./world.ts";

export interface Options {
  maxStates: number;
  /** Stop at the first violation (always true; the trace leads to it). */
  races?: boolean;
  /** Shuffles the order of choices, so that a capped run does not lean to one thread. */
  seed?: number;
  /** Samples instead: faults only from this depth of the search on, and there before anything else. */
  faultsFrom?: number;
  /** Remember the edges and look for states that cannot finish. */
  finish?: boolean;
  deadlineMs?: number;
}

export interface Result {
  states: number;
  edges: number;
  ends: number;
  /** States from which no end can be reached; −1 when not looked for. In a capped run only those that are certain. */
  stuck: number;
  isCapped: boolean;
  violation?: string;
  /** The choices that lead from the start to the violation or the first stuck state. */
  trace?: number[];
  seconds: number;
}

class Growing {
  words = new Int32Array(1 << 12);
  length = 0;
  push(value: number): void {
    if (this.length === this.words.length) {
      const longer = new Int32Array(this.length * 2);
      longer.set(this.words);
      this.words = longer;
    }
    this.words[this.length++] = value;
  }
}

export function explore(scene: Scene, options: Options): Result {
  const started = performance.now();
  const { world } = scene;
  const table = new StateTable();
  const races = options.races ? new RaceCheck(scene) : undefined;
  const [from, to, ends] = [new Growing(), new Growing(), new Growing()];
  const [parents, ways] = [new Growing(), new Growing()];
  const [stackState, stackMark, stackNext, stackEnd] = [new Growing(), new Growing(), new Growing(), new Growing()];
  const choices: number[] = [];
  let random = options.seed ?? 0;
  let edges = 0;
  let isCapped = false;
  let violation: string | undefined;
  let trace: number[] | undefined;

  const shuffle = (start: number) => {
    for (let i = choices.length - 1; i > start; i--) {
      random = (Math.imul(random, 1664525) + 1013904223) | 0;
      const j = start + ((random >>> 8) % (i - start + 1));
      const kept = choices[i]!;
      choices[i] = choices[j]!;
      choices[j] = kept;
    }
  };
  const putFaultsFirst = (start: number) => {
    const list = choices.splice(start);
    if (stackState.length >= options.faultsFrom!) choices.push(...list.filter(isFault));
    choices.push(...list.filter((choice) => !isFault(choice)));
  };
  const enter = (state: number, mark: number) => {
    const start = choices.length;
    listChoices(scene, choices);
    let isRest = true;
    for (let i = start; i < choices.length; i++) if (!isFault(choices[i]!)) isRest = false;
    if (isRest) {
      ends.push(state);
      checkEnd(scene);
    }
    if (options.seed !== undefined) shuffle(start);
    if (options.faultsFrom !== undefined) putFaultsFirst(start);
    stackState.push(state);
    stackMark.push(mark);
    stackNext.push(start);
    stackEnd.push(choices.length);
  };
  const path = (): number[] => {
    const list: number[] = [];
    for (let i = 0; i < stackNext.length; i++) list.push(choices[stackNext.words[i]! - 1]!);
    return list;
  };
  const failed = (error: unknown, steps: number[]) => {
    if (!(error instanceof Violation)) throw error;
    violation = error.message;
    trace = steps;
  };

  table.add(world.hashLow, world.hashHigh);
  parents.push(-1);
  ways.push(0);
  try {
    enter(0, world.logged);
  } catch (error) {
    failed(error, []);
  }
  while (stackState.length > 0 && violation === undefined) {
    const depth = stackState.length - 1;
    const next = stackNext.words[depth]!;
    if (next === stackEnd.words[depth]!) {
      world.undoTo(stackMark.words[depth]!);
      choices.length = depth === 0 ? 0 : stackEnd.words[depth - 1]!;
      for (const stack of [stackState, stackMark, stackNext, stackEnd]) stack.length -= 1;
      continue;
    }
    stackNext.words[depth] = next + 1;
    const choice = choices[next]!;
    const mark = world.logged;
    try {
      races?.begin(depth, choiceThread(choice));
      apply(scene, choice);
      edges += 1;
      races?.end(depth, choiceThread(choice), isFault(choice));
      const state = table.add(world.hashLow ^ (races?.hash ?? 0), world.hashHigh);
      if (options.finish && !isFault(choice)) {
        from.push(stackState.words[depth]!);
        to.push(state);
      }
      if (state === parents.length) {
        parents.push(stackState.words[depth]!);
        ways.push(choice);
        enter(state, mark);
        if (
          table.size >= options.maxStates ||
          (options.deadlineMs !== undefined && (table.size & 1023) === 0 && performance.now() - started > options.deadlineMs)
        ) {
          isCapped = true;
          break;
        }
        continue;
      }
    } catch (error) {
      failed(error, path());
    }
    world.undoTo(mark);
  }
  world.undoTo(0);
  let stuck = -1;
  const endCount = ends.length;
  if (options.finish && violation === undefined) {
    // Where the search was cut off, whatever was not fully expanded may well be able to finish: what cannot reach even that is a hang for certain.
    for (let i = 0; i < stackState.length; i++) ends.push(stackState.words[i]!);
    const reached = backwards(table.size, from, to, ends);
    stuck = 0;
    for (let state = 0; state < table.size; state++) {
      if (reached[state]) continue;
      if (stuck === 0) {
        trace = [];
        for (let at = state; parents.words[at]! >= 0; at = parents.words[at]!) trace.unshift(ways.words[at]!);
      }
      stuck += 1;
    }
  }
  return {
    states: table.size,
    edges,
    ends: endCount,
    stuck,
    isCapped,
    ...(violation === undefined ? {} : { violation }),
    ...(trace === undefined ? {} : { trace }),
    seconds: (performance.now() - started) / 1000,
  };
}

/** Which states lead to an end. */
function backwards(states: number, from: Growing, to: Growing, ends: Growing): Uint8Array {
  const starts = new Int32Array(states + 1);
  for (let i = 0; i < to.length; i++) starts[to.words[i]! + 1]! += 1;
  for (let i = 0; i < states; i++) starts[i + 1]! += starts[i]!;
  const fill = starts.slice();
  const sources = new Int32Array(to.length);
  for (let i = 0; i < to.length; i++) sources[fill[to.words[i]!]!++] = from.words[i]!;
  const reached = new Uint8Array(states);
  const work = new Int32Array(states);
  let count = 0;
  for (let i = 0; i < ends.length; i++) {
    const end = ends.words[i]!;
    if (reached[end] === 0) {
      reached[end] = 1;
      work[count++] = end;
    }
  }
  while (count > 0) {
    const state = work[--count]!;
    for (let i = starts[state]!; i < starts[state + 1]!; i++) {
      const source = sources[i]!;
      if (reached[source] === 1) continue;
      reached[source] = 1;
      work[count++] = source;
    }
  }
  return reached;
}
