export { Channel, type ChannelOptions, channelOf, handleOf, openRing, receiverOf, senderOf } from "./channel.ts";
export { type Codec, f64 } from "./codec.ts";
export { CLOSED, EMPTY, Receiver } from "./receiver.ts";
export { Ring } from "./ring.ts";
export { Sender } from "./sender.ts";
