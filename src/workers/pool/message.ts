// The format of calls as bytes: many in a message, each as short as it can be. Numbers, short text and the like are written as they are; anything else as the wire
// writes structured values, all arguments of a call together, so that what they share stays shared.
//
// Memory   message  names (u16): how many functions are new, each u16 length, UTF-8 · then calls to the end
//          call     ticket u16 · function u16 · form u8 · arguments u8 · each: tag u8, value     form PLAIN
//                   ticket u16 · function u16 · form u8 · 0 · length u32 · packed bytes          form PACKED or STREAM, CARRYING or not

export const PLAIN = 0;
export const PACKED = 1;
/** Packed, with the sender of the channel that takes the values first. */
export const STREAM = 2;
/** Added to these: packed first are values of AsyncLocalStorage that travel with the call. */
export const CARRYING = 4;

export const HEADER_BYTES = 6;
