export * from "./patterns/index.ts";
export {
  bool,
  bytes,
  Channel,
  type ChannelOptions,
  CLOSED,
  type Codec,
  channelOf,
  EMPTY,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  Receiver,
  Reservation,
  receiverOf,
  type Sendable,
  type SendableArgs,
  Sender,
  type StructFields,
  type StructValue,
  senderOf,
  struct,
  structured,
  syncOf,
  u8,
  u16,
  u32,
  u64,
  utf8,
} from "./runtime/channel/index.ts";
export { Canceller, Context } from "./runtime/context/index.ts";
export type { WaitOptions } from "./runtime/deadline.ts";
export {
  AbortError,
  ChannelClosedError,
  FencedError,
  HeapExhaustedError,
  type HeddleCode,
  HeddleError,
  LockAbandonedError,
  ThreadDiedError,
  TimeoutError,
} from "./runtime/errors.ts";
export {
  type EventsOptions,
  eventsTo,
  type PumpOptions,
  pump,
  readableOf,
  readableStreamOf,
  type Subscription,
  writableOf,
  writableStreamOf,
} from "./runtime/interop/index.ts";
export { Lease, LeasedQueue, type LeasedQueueOptions } from "./runtime/lease/index.ts";
export type { HeapUse } from "./runtime/memory/heap.ts";
export {
  type SelectCase,
  type SelectCases,
  type Selected,
  type SelectOptions,
  select,
  selectSync,
  trySelect,
} from "./runtime/select/index.ts";
export {
  AtomicFlag,
  AtomicFloat,
  AtomicInt,
  Barrier,
  Cond,
  Guard,
  Mutex,
  Once,
  Permits,
  RwMutex,
  Semaphore,
  Sync,
  WaitGroup,
  WaitGroupPlace,
} from "./runtime/sync/index.ts";
export { after, never, type Timer, tick } from "./runtime/timers.ts";
export * from "./workers/index.ts";
