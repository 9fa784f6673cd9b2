export { Channel, type ChannelOptions, channelOf, openRing, receiverOf, senderOf } from "./channel.ts";
export { closeOnce } from "./close-once.ts";
export {
  bool,
  bytes,
  type Codec,
  codecOf,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  isCodec,
  u8,
  u16,
  u32,
  u64,
  utf8,
} from "./codec.ts";
export { CLOSED, EMPTY, Receiver } from "./receiver.ts";
export { Reservation } from "./reservation.ts";
export {
  /** @public The controller of the schedule tests makes rings. */
  Ring,
} from "./ring.ts";
export { SENDABLE, type Sendable, type SendableArgs } from "./sendable.ts";
export { Sender } from "./sender.ts";
export { syncOf } from "./shared-codec.ts";
export { type StructFields, type StructValue, struct } from "./struct.ts";
export { structured } from "./structured.ts";
export { carryAs, Wire } from "./wire.ts";
