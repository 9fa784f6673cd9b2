export { Channel, type ChannelOptions, channelOf, handleOf, openRing, receiverOf, senderOf } from "./channel.ts";
export { bool, type Codec, f32, f64, i8, i16, i32, u8, u16, u32 } from "./codec.ts";
export { CLOSED, EMPTY, Receiver } from "./receiver.ts";
export { Ring } from "./ring.ts";
export { Sender } from "./sender.ts";
