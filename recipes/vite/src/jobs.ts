// What runs on threads: built as a file of its own, because threads import it by its address.

import { isPrime } from "./is-prime.ts";

export function primesBelow(n: number): number {
  let found = 0;
  for (let i = 2; i < n; i++) if (isPrime(i)) found++;
  return found;
}
