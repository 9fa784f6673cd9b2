// The kinds of values the chaos over the public API sends. Each carries its number (stream and place), and but for plain numbers a content that follows
// from it, so that a receiver can tell a value that was torn, mixed up or overwritten from the one that was sent.

/** What unpack answers for a value whose content is not what its number says. */
export const SPOILT = -1;

/** Bytes that follow from the number; 8 to 4,103 of them, so that blocks of many classes are in use. */
function bytesOf(number) {
  const bytes = new Uint8Array(8 + (Math.imul(number, 0x9e3779b1) >>> 20));
  new DataView(bytes.buffer).setFloat64(0, number);
  for (let i = 8; i < bytes.length; i++) bytes[i] = number + i * 31;
  return bytes;
}

function isSame(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const contentOf = (number) => ({
  number,
  text: `value ${number} – ${"ä".repeat(number % 40)}`,
  inner: { list: [number, null, undefined, 0.5], map: new Map([[`key ${number}`, BigInt(number) << 40n]]) },
  bytes: bytesOf(number).subarray(0, 60),
});

const fieldsOf = (number) => ({
  place: number % 251,
  number,
  isOdd: number % 2 === 1,
  half: (number % 1_000) / 2,
  inner: { big: BigInt(number) << 20n, low: Math.imul(number, 0x9e3779b1) >>> 0 },
});

/** `codec` picks the channel's codec from the runtime's module. */
export const KINDS = {
  number: {
    codec: ({ f64 }) => f64,
    pack: (number) => number,
    unpack: (value) => value,
  },
  bytes: {
    codec: ({ bytes }) => bytes,
    pack: bytesOf,
    unpack(value) {
      if (value.length < 8 || value.buffer instanceof SharedArrayBuffer) return SPOILT;
      const number = new DataView(value.buffer, value.byteOffset).getFloat64(0);
      return Number.isSafeInteger(number) && number > 0 && isSame(value, bytesOf(number)) ? number : SPOILT;
    },
  },
  structured: {
    codec: ({ structured }) => structured(),
    pack: contentOf,
    unpack({ number, text, inner, bytes }) {
      const sent = contentOf(number);
      const [key, value] = [...inner.map][0];
      const isWhole =
        text === sent.text &&
        inner.list.length === 4 &&
        inner.list.every((one, i) => Object.is(one, sent.inner.list[i])) &&
        value === sent.inner.map.get(key) &&
        isSame(bytes, sent.bytes);
      return isWhole ? number : SPOILT;
    },
  },
  struct: {
    codec: ({ struct, u8, f64, bool, f32, u64, u32 }) =>
      struct({ place: u8, number: f64, isOdd: bool, half: f32, inner: struct({ big: u64, low: u32 }) }),
    pack: fieldsOf,
    unpack({ place, number, isOdd, half, inner }) {
      if (!Number.isSafeInteger(number) || number < 1) return SPOILT;
      const sent = fieldsOf(number);
      const isWhole =
        place === sent.place && isOdd === sent.isOdd && half === sent.half && inner.big === sent.inner.big && inner.low === sent.inner.low;
      return isWhole ? number : SPOILT;
    },
  },
};
