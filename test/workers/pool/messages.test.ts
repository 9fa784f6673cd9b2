// Calls as bytes and who has them: every plain value both ways, names introduced once, tickets round the turn of their numbers.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AtomicInt } from "../../../src/index.ts";
import { arePlain } from "../../../src/workers/plain.ts";
import { claim, FIRST_TICKET, isBefore, lastClaimed, takeBack, ticketAfter, UNCLAIMED } from "../../../src/workers/pool/claims.ts";
import { PACKED, PLAIN } from "../../../src/workers/pool/message.ts";
import { MessageReader } from "../../../src/workers/pool/message-reader.ts";
import { MessageWriter } from "../../../src/workers/pool/message-writer.ts";

const plain = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, Number.NaN, 2 ** 31, -(2 ** 31), undefined, null, true, false),
  fc.string({ maxLength: 48 }).filter((text) => /^[\0-\x7f]*$/.test(text)),
);

/** A word as one thread sees it. */
function word(): AtomicInt {
  let value = UNCLAIMED | 0;
  const cell = {
    load: () => value,
    compareAndSwap: (before: number, next: number) => {
      if (before !== value) return false;
      value = next | 0;
      return true;
    },
  };
  return cell as unknown as AtomicInt;
}

describe("messages", () => {
  it("carry every plain value as it is, call by call", () => {
    fc.assert(
      fc.property(fc.array(fc.array(plain, { maxLength: 8 }), { maxLength: 20 }), (calls) => {
        const writer = new MessageWriter();
        writer.begin(["a", "日本"], 0);
        calls.forEach((args, i) => {
          expect(arePlain(args)).toBe(true);
          writer.add({ ticket: i, functionId: i % 2, form: PLAIN, args });
        });
        const names: string[] = [];
        const reader = new MessageReader(writer.message.slice(), names);
        expect(names).toEqual(["a", "日本"]);
        for (const args of calls) {
          expect(reader.next()).toBe(true);
          const read = reader.plain();
          expect(read.length).toBe(args.length);
          read.forEach((value, i) => void expect(Object.is(value, args[i])).toBe(true));
        }
        expect(reader.next()).toBe(false);
      }),
    );
  });

  it("grow with what they carry, skip what is not wanted, and introduce only what is new", () => {
    const writer = new MessageWriter();
    writer.begin(["a", "b"], 1);
    writer.add({ ticket: 1, functionId: 0, form: PACKED, args: new Uint8Array(1_000_000).fill(9) });
    writer.add({ ticket: 2, functionId: 1, form: PLAIN, args: [1, "x"] });
    writer.add({ ticket: 3, functionId: 1, form: PACKED, args: new Uint8Array([5]) });
    const names = ["a"];
    const reader = new MessageReader(writer.message.slice(), names);
    expect(names).toEqual(["a", "b"]);
    for (const ticket of [1, 2]) {
      expect(reader.next()).toBe(true);
      expect(reader.ticket).toBe(ticket);
      reader.skip();
    }
    expect(reader.next()).toBe(true);
    expect(reader.packed()).toEqual(new Uint8Array([5]));
    writer.trim();
    writer.begin([], 0);
    expect(writer.message.length).toBe(2);
  });

  it.each([[[Symbol("x")]], [[{}]], [["é"]], [["x".repeat(49)]], [[1n]], [new Array<number>(256).fill(0)]])("are not for %o", (values) => {
    expect(arePlain(values)).toBe(false);
  });
});

describe("claims", () => {
  it("order tickets round the turn of their numbers", () => {
    expect(ticketAfter(0xffff)).toBe(0);
    expect(isBefore(0xffff, 0)).toBe(true);
    expect(isBefore(0, 0xffff)).toBe(false);
    expect(isBefore(5, 5)).toBe(false);
  });

  it("200,000 tickets are claimed, one after another, when none is ever taken back", () => {
    const claims = word();
    let refused = 0;
    for (let i = 0, ticket = FIRST_TICKET; i < 200_000; i++, ticket = ticketAfter(ticket)) if (!claim(claims, ticket)) refused++;
    expect(refused).toBe(0);
  });

  it("a ticket is claimed, or taken back, and never both, for 200,000 of them", () => {
    const claims = word();
    let ticket = FIRST_TICKET;
    let wrong = 0;
    const check = (isSo: boolean) => {
      if (!isSo) wrong++;
    };
    for (let i = 0; i < 20_000; i++) {
      const tickets = Array.from({ length: 10 }, () => {
        const given = ticket;
        ticket = ticketAfter(ticket);
        return given;
      });
      const claimed = i % 11; // none of ten, and then more, up to all
      for (const one of tickets.slice(0, claimed)) check(claim(claims, one));
      const last = takeBack(claims, ticket);
      check(claimed === 0 || last === tickets[claimed - 1]);
      for (const one of tickets.slice(claimed)) check(isBefore(last, one) && !claim(claims, one));
      check(lastClaimed(claims) === last);
    }
    expect(wrong).toBe(0);
  });
});
