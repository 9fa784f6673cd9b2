export { disabled, duplicates } from "./cases.ts";
export { blockedThenDrained, closing } from "./close.ts";
export { array, iter, mpmc, turns, zero } from "./many.ts";
export { fifo, powerSeries, sieve } from "./programs.ts";
export { progress } from "./progress.ts";
export { doubleSelect, facing, fairness, selectSelf, selectStress } from "./selects.ts";
export { kinds, nonblock } from "./states.ts";
export { channels, clocks, timers } from "./timers.ts";
