// The format of calls as bytes: many in a message, each as short as it can be. Numbers, short text and the like are written as they are; anything else as the wire
// writes structured values, all arguments of a call together, so that what they share stays shared.
//
// Memory   message  names (u16): how many functions are new, each u16 length, UTF-8 · then calls to the end
//          call     ticket u16 · function u16 · form u8 · arguments u8 · each: tag u8, value     form PLAIN
//                   ticket u16 · function u16 · form u8 · 0 · length u32 · packed bytes          form PACKED or STREAM

export const PLAIN = 0;
export const PACKED = 1;
/** Packed, with the sender of the channel that takes the values first. */
export const STREAM = 2;

export const T_UNDEFINED = 0;
export const T_NULL = 1;
export const T_FALSE = 2;
export const T_TRUE = 3;
export const T_I32 = 4;
export const T_F64 = 5;
export const T_ASCII = 6;

export const HEADER_BYTES = 6;
const MOST_ARGUMENTS = 255;
/** Longer text is packed: what is copied letter by letter must be short. */
export const MOST_LETTERS = 48;

/** They can be kept as they are until they are written: nobody can change them meanwhile. */
export function arePlain(args: readonly unknown[]): boolean {
  if (args.length > MOST_ARGUMENTS) return false;
  for (let i = 0; i < args.length; i++) {
    const value = args[i];
    const type = typeof value;
    if (type === "number" || type === "boolean" || value === undefined || value === null) continue;
    if (type !== "string" || !isShortAscii(value as string)) return false;
  }
  return true;
}

function isShortAscii(text: string): boolean {
  if (text.length > MOST_LETTERS) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
