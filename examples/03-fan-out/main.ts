// A password audit: which accounts have a password that is on the lists. Accounts differ in cost by a factor of a hundred (a bad password is found early,
// a good one never), so they are handed to whichever thread is free.

import { fanOut, type Runtime } from "../../src/index.ts";
import { type Account, hashOf } from "./jobs.ts";

export const about = "which accounts have a password that is on the lists";

const PASSWORDS = [
  ..."sunshine dragon7 Tr0ub4dor&3 password letmein9 correct-horse-battery monkey1 starwars vX8!kq2#Lw master4".split(" "),
  ..."iloveyou5 welcome n3v3r-0n-a-list superman2 qwerty shadow8".split(" "),
];

export async function* run(rt: Runtime): AsyncGenerator<string> {
  const jobs = rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url));
  const accounts = PASSWORDS.map((password, i): Account => ({ name: `user${i}`, salt: `salt-${i}`, hash: hashOf(password, `salt-${i}`) }));
  const damaged = { name: "broken", salt: null as never, hash: "?" }; // a line of the file that makes no sense
  const audit = fanOut(rt, [...accounts, damaged], jobs.crack, { width: "auto", ordered: true, onError: "skip" });
  let weak = 0;
  for await (const { name, password } of audit) {
    if (password === undefined) continue;
    weak++;
    yield `${name}: ${password}`;
  }
  yield `${weak} of ${audit.stats.received} weak, ${audit.stats.failed} could not be read`;
}
