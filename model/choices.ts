// What may happen next in a state: every thread's next action, timers, and the faults still allowed. A choice is one small number.

import type { Scene } from "./build.ts";
import { checkRest } from "./properties.ts";
import * as S from "./staff.ts";
import type { Thread } from "./thread.ts";
import * as T from "./thread.ts";

const RUN = 0;
const TIMER = 1;
const DIE = 2; // a fault
const FENCE = 3; // a fault
const TERMINATE = 4; // a fenced thread stops, as it must sooner or later

export const choiceThread = (choice: number) => choice >> 3;
export const isFault = (choice: number) => (choice & 7) === DIE || (choice & 7) === FENCE;

const atBoundary = (t: Thread) => !t.entered;

/** Appends the choices of the current state. */
export function listChoices({ threads, supervisor, history }: Scene, out: number[]): void {
  const { deathsLeft, fencesLeft } = history;
  for (const t of threads) {
    const code = t.index << 3;
    if (t === supervisor) {
      if (S.canSupervise(t)) out.push(code | RUN);
      continue;
    }
    const { status } = t;
    if (status !== T.RUNNING && status !== T.FINISHED) continue;
    const isZombie = t.swept !== S.UNTOUCHED;
    if (status === T.RUNNING) {
      const { kind } = t;
      const isAsleep = kind === T.ASLEEP || kind === T.AWAIT;
      if (!isAsleep) out.push(code | RUN);
      else if (t.timer) out.push(code | TIMER);
      if (!isZombie && deathsLeft > 0 && atBoundary(t)) out.push(code | DIE);
      if (!isZombie && fencesLeft > 0) out.push(code | FENCE);
    }
    if (isZombie && atBoundary(t)) out.push(code | TERMINATE);
  }
}

export function apply(scene: Scene, choice: number): void {
  const t = scene.threads[choiceThread(choice)]!;
  const { history, machine } = scene;
  switch (choice & 7) {
    case RUN:
      machine.run(t);
      break;
    case TIMER:
      t.timer = false;
      t.resume(1);
      machine.settle(t);
      break;
    case DIE:
      history.deathsLeft -= 1;
      t.die();
      break;
    case FENCE:
      history.fencesLeft -= 1;
      t.swept = S.FENCE_ASKED;
      break;
    case TERMINATE:
      t.die();
      break;
  }
}

/** Nothing but faults can happen: the properties of rest must hold. */
export function checkEnd(scene: Scene): void {
  checkRest(scene);
}

const KINDS = ["nothing", "call", "load", "store", "exchange", "wait", "asleep", "in the loop", "hold"];

/** A line of a trace: what this choice does in the current state. */
export function describe({ threads, supervisor, history }: Scene, choice: number, names: readonly string[]): string {
  const t = threads[choiceThread(choice)]!;
  const who = t === supervisor ? "supervisor" : `thread ${t.index}`;
  const what = choice & 7;
  if (what === DIE) return `${who} dies (${history.deathsLeft} deaths left)`;
  if (what === FENCE) return `${who} is to be fenced`;
  if (what === TERMINATE) return `${who} is terminated`;
  if (what === TIMER) return `${who}: its timer fires`;
  const args = [0, 1, 2, 3, 4, 5].map((i) => t.argument(i)).join(", ");
  const then = T.steps[t.goOn]!.name;
  if (t.kind === T.CALL) return `${who}: ${names[t.target]}(${args})${t.block > 0 ? ` at block ${t.block}` : ""} → ${then}`;
  return `${who}: ${KINDS[t.kind]} ${t.target} ${t.kind === T.STORE ? t.argument(0) : ""} → ${then}`;
}
