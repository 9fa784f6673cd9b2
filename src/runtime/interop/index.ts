export { type EventsOptions, eventsTo, type Subscription } from "./events.ts";
export { type PumpOptions, pump } from "./pump.ts";
export { readableOf, writableOf } from "./streams.ts";
export { readableStreamOf, writableStreamOf } from "./web-streams.ts";
