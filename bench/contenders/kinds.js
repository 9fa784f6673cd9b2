// @ts-check
/**
 * Kinds: what the scenarios send. Each value stands for a number, which the ledger of the receiver enters: a value that is not as it was made stands for
 * none and is entered as NaN, so its sum and its order are wrong.
 *
 * JavaScript, as everything that other libraries load in their threads: it runs the same from the sources and from the build.
 */

/**
 * @template T
 * @typedef {object} Kind
 * @property {(index: number) => T} make
 * @property {(value: T, isProof: boolean) => number} numberOf The number of a received value, or NaN. Where looking at all of a value would take longer
 *   than sending it, that is done in the proving round only.
 * @property {(value: T) => ArrayBuffer[]} [transfer] What postMessage is to transfer of a value instead of copying it.
 */

/** @type {Kind<number>} */
const number = {
  make: (index) => index,
  numberOf: (value) => value,
};

/** @typedef {{ readonly x: number; readonly y: number; readonly z: number; readonly w: number }} Point */
/** @type {Kind<Point>} */
const point = {
  make: (index) => ({ x: index, y: -index, z: index + 0.25, w: index * 2 }),
  numberOf: ({ x, y, z, w }) => (y === -x && z === x + 0.25 && w === x * 2 ? x : Number.NaN),
};

/**
 * An object of five fields, as a service would send it.
 * @typedef {{ readonly id: number; readonly customer: string; readonly price: number; readonly isPaid: boolean; readonly tags: readonly string[] }} Order
 */
const CUSTOMERS = Array.from({ length: 64 }, (_, i) => `customer ${i}`);

/** @type {Kind<Order>} */
const order = {
  make: (index) => ({
    id: index,
    customer: /** @type {string} */ (CUSTOMERS[index % CUSTOMERS.length]),
    price: index / 4,
    isPaid: index % 2 === 1,
    tags: ["new", "express"],
  }),
  numberOf({ id, customer, price, isPaid, tags }) {
    const isRight =
      customer === CUSTOMERS[id % CUSTOMERS.length] &&
      price === id / 4 &&
      isPaid === (id % 2 === 1) &&
      tags.length === 2 &&
      tags[0] === "new" &&
      tags[1] === "express";
    return isRight ? id : Number.NaN;
  },
};

/** A line of a log: about a hundred characters, in front of which stands its number. */
const LINE = " GET /articles/2024/looms?sort=age&page=3 HTTP/1.1 200 5120 Mozilla/5.0 (X11; Linux x86_64)";

/** @type {Kind<string>} */
const text = {
  make: (index) => index + LINE,
  numberOf(value) {
    const index = Number.parseInt(value, 10);
    return value.length === String(index).length + LINE.length && value.endsWith(LINE) ? index : Number.NaN;
  },
};

export const KIB = 1_024;
export const LENGTH_BYTES = 64 * KIB;
export const MIB = 1_024 * KIB;
/** In front of the bytes that are all the same from value to value stands the number. */
const STAMP_BYTES = 4;

/**
 * The bytes every value is a copy of, but for the stamp; reproducible, and no two neighbours alike for long.
 * @param {Uint8Array} bytes
 */
export function fill(bytes) {
  for (let i = 0, state = 1; i < bytes.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} index
 */
export function stamp(bytes, index) {
  bytes[0] = index;
  bytes[1] = index >>> 8;
  bytes[2] = index >>> 16;
  bytes[3] = index >>> 24;
}

/** @param {Uint8Array} bytes */
const stampOf = (bytes) => at(bytes, 0) + at(bytes, 1) * 2 ** 8 + at(bytes, 2) * 2 ** 16 + at(bytes, 3) * 2 ** 24;

/**
 * @param {Uint8Array} bytes
 * @param {number} index
 */
const at = (bytes, index) => /** @type {number} */ (bytes[index]);

/**
 * So many bytes. Kept: the same Uint8Array each time with another stamp, and whoever sends it copies it. Given away: a new copy each time.
 * @param {number} lengthBytes
 * @returns {{ kept: Kind<Uint8Array>; givenAway: Kind<Uint8Array> }}
 */
function bytesOf(lengthBytes) {
  const middle = lengthBytes >> 1;
  const last = lengthBytes - 1;
  /** @type {Uint8Array | undefined} */
  let pattern;
  /** @type {Uint8Array | undefined} */
  let source;
  const patternOf = () => {
    pattern ??= fill(new Uint8Array(lengthBytes)); // made by whoever needs it: a thread that only sends numbers has none
    return pattern;
  };
  const kept = {
    /** @param {number} index */
    make(index) {
      source ??= patternOf().slice();
      stamp(source, index);
      return source;
    },
    /**
     * @param {Uint8Array} value
     * @param {boolean} isProof
     */
    numberOf(value, isProof) {
      const whole = patternOf();
      if (value.length !== lengthBytes || at(value, middle) + at(value, last) !== at(whole, middle) + at(whole, last)) return Number.NaN;
      if (isProof && Buffer.compare(value.subarray(STAMP_BYTES), whole.subarray(STAMP_BYTES)) !== 0) return Number.NaN;
      return stampOf(value);
    },
  };
  return {
    kept,
    givenAway: {
      make: (index) => kept.make(index).slice(),
      numberOf: kept.numberOf,
      transfer: ({ buffer }) => [/** @type {ArrayBuffer} */ (buffer)],
    },
  };
}

const kib = bytesOf(KIB);
const kib64 = bytesOf(LENGTH_BYTES);
const mib = bytesOf(MIB);

export const KINDS = {
  number,
  point,
  order,
  text,
  kib: kib.kept,
  kibGivenAway: kib.givenAway,
  bytes: kib64.kept,
  bytesGivenAway: kib64.givenAway,
  mib: mib.kept,
  mibGivenAway: mib.givenAway,
};
/** @typedef {keyof typeof KINDS} KindName */

/**
 * @param {KindName} name
 * @returns {Kind<unknown>}
 */
export function kindOf(name) {
  return /** @type {Kind<unknown>} */ (KINDS[name]);
}
