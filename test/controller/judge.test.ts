// The judge by itself: histories written by hand, right ones and wrong ones.

import { describe, expect, it } from "vitest";
import * as B from "./board.ts";
import { BOSS_TASK } from "./boss-task.ts";
import { Judge } from "./judge.ts";
import { into, out, type Program, recv, recvMany, select, send, sendMany, tryRecv, trySelect, trySend } from "./program.ts";
import * as R from "./results.ts";

const program = (capacity: number, ...threads: Program["threads"]): Program => ({
  name: "by hand",
  channels: [{ capacity }, { capacity }],
  threads,
});
const begins = (task: number, index = 0) => [B.INVOKE, task, index];
const gives = (task: number, index: number, ...result: number[]) => [B.RETURN, task, index, ...result];
const wrong = /^no order of the operations/;

describe("Judge", () => {
  const pair = program(1, [[send(0, 1), send(0, 2)]], [[recv(0), recv(0)]]);

  it("accepts values in their order, and operations that overlap in any", () => {
    const history = [
      begins(1),
      begins(0),
      gives(0, 0, R.OK),
      begins(0, 1),
      gives(1, 0, R.VALUE, 1),
      begins(1, 1),
      gives(1, 1, R.VALUE, 2),
      gives(0, 1, R.OK),
    ];
    expect(Judge.findFault(pair, history)).toBeUndefined();
  });

  it("sees a value that was lost, repeated, or overtaken", () => {
    const sent = [begins(0), gives(0, 0, R.OK), begins(0, 1)];
    expect(Judge.findFault(pair, [...sent, begins(1), gives(1, 0, R.VALUE, 2)])).toMatch(wrong);
    expect(Judge.findFault(pair, [...sent, begins(1), gives(1, 0, R.VALUE, 1), begins(1, 1), gives(1, 1, R.VALUE, 1)])).toMatch(wrong);
    expect(Judge.findFault(pair, [...sent, begins(1), gives(1, 0, R.END)])).toMatch(wrong);
    const drained = [begins(BOSS_TASK), gives(BOSS_TASK, 0, R.OK), begins(BOSS_TASK, 1), gives(BOSS_TASK, 1, R.END)];
    expect(Judge.findFault(pair, [begins(0), gives(0, 0, R.OK), ...drained])).toMatch(wrong);
  });

  it("sees a buffer that is one too large, and a rendezvous that met nobody", () => {
    const two = [begins(0), gives(0, 0, R.OK), begins(0, 1), gives(0, 1, R.OK)];
    expect(Judge.findFault(pair, two)).toMatch(wrong);
    expect(Judge.findFault(program(2, [[send(0, 1), send(0, 2)]]), two)).toBeUndefined();
    expect(Judge.findFault(program(0, [[send(0, 1)]]), two.slice(0, 2))).toMatch(wrong);
  });

  it("sees a wake that was lost: somebody rests though what it waits for is there", () => {
    const waiting = [begins(1), begins(0), gives(0, 0, R.OK)];
    expect(Judge.findFault(pair, [...waiting, [B.REST]])).toMatch(wrong);
    expect(Judge.findFault(pair, [begins(1), [B.REST]])).toBeUndefined();
  });

  it("allows a wait that was given up to have done nothing only", () => {
    const given = program(0, [[send(0, 1, "timeout")]], [[recv(0)]]);
    expect(Judge.findFault(given, [begins(0), gives(0, 0, R.GIVEN_UP), begins(1), [B.REST]])).toBeUndefined();
    expect(Judge.findFault(given, [begins(0), begins(1), gives(0, 0, R.GIVEN_UP), gives(1, 0, R.VALUE, 1)])).toMatch(wrong);
  });

  it("gives the dead what they may have had in hand, and no more", () => {
    const history = [begins(0), gives(0, 0, R.OK), begins(1), [B.DEATH, 2], [B.FENCED, 2], begins(0, 1)];
    expect(Judge.findFault(pair, [...history, gives(0, 1, R.OK)])).toBeUndefined();
    const never = [begins(0), gives(0, 0, R.OK), [B.DEATH, 2], [B.FENCED, 2], begins(0, 1), gives(0, 1, R.OK)];
    expect(Judge.findFault(pair, never)).toMatch(wrong);
    const late = [begins(1), [B.DEATH, 2], [B.FENCED, 2], begins(0), gives(0, 0, R.OK), begins(0, 1), gives(0, 1, R.OK)];
    expect(Judge.findFault(pair, late)).toMatch(wrong);
  });

  it("knows selects and tries", () => {
    const selects = program(1, [[select([out(0, 1), into(1)])]], [[trySelect(into(0), into(1)), trySend(0, 2), tryRecv(0)]]);
    const chosen = [begins(0), gives(0, 0, R.CHOSEN, 0, R.OK), begins(1)];
    expect(Judge.findFault(selects, [...chosen, gives(1, 0, R.CHOSEN, 0, R.VALUE, 1)])).toBeUndefined();
    expect(Judge.findFault(selects, [...chosen, gives(1, 0, R.NONE)])).toMatch(wrong);
    expect(Judge.findFault(selects, [...chosen, gives(1, 0, R.CHOSEN, 1, R.VALUE, 1)])).toMatch(wrong);
    expect(Judge.findFault(selects, [begins(0), gives(0, 0, R.CHOSEN, 1, R.VALUE, 1)])).toMatch(wrong);
  });

  it("knows bulk calls as single values in their order", () => {
    const bulk = program(2, [[sendMany(0, [1, 2, 3])]], [[recvMany(0, 3)]]);
    expect(Judge.findFault(bulk, [begins(0), begins(1), gives(1, 0, R.VALUES, 1, 2), gives(0, 0, R.OK)])).toBeUndefined();
    expect(Judge.findFault(bulk, [begins(0), begins(1), gives(1, 0, R.VALUES, 1, 3), gives(0, 0, R.OK)])).toMatch(wrong);
    expect(Judge.findFault(bulk, [begins(0), gives(0, 0, R.OK)])).toMatch(wrong);
    expect(Judge.findFault(bulk, [begins(0), gives(0, 0, R.SENT, 2, R.GIVEN_UP)])).toBeUndefined();
  });
});
