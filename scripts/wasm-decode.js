// Decodes the part of WebAssembly the transitions use: types, imports, globals, exports and every instruction with its immediates.
// Plain JavaScript without dependencies: the build's byte check and the model's interpreter read the same decoded code.
// What it does not know it refuses, so nothing passes unread.

/**
 * @typedef {{ op: string, at: number, index?: number, offset?: number, align?: number, value?: number | bigint, result?: string, targets?: number[] }} Instruction
 * @typedef {{ params: string[], results: string[] }} FunctionType
 * @typedef {{ name: string, params: string[], results: string[], locals: string[], code: Instruction[] }} WasmFunction
 * @typedef {{ functions: WasmFunction[], globals: { type: string, mutable: boolean, value: number | bigint }[] }} WasmModule
 */

const VALUE_TYPES = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
]);

const PLAIN_MEMORY = (
  "i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u i64.load8_s i64.load8_u i64.load16_s i64.load16_u " +
  "i64.load32_s i64.load32_u i32.store i64.store f32.store f64.store i32.store8 i32.store16 i64.store8 i64.store16 i64.store32"
).split(" "); // from 0x28

const NUMERIC = (
  "i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u " +
  "i64.eqz i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u " +
  "f32.eq f32.ne f32.lt f32.gt f32.le f32.ge f64.eq f64.ne f64.lt f64.gt f64.le f64.ge " +
  "i32.clz i32.ctz i32.popcnt i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr " +
  "i64.clz i64.ctz i64.popcnt i64.add i64.sub i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr " +
  "f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign " +
  "f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign " +
  "i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u i64.extend_i32_s i64.extend_i32_u i64.trunc_f32_s i64.trunc_f32_u " +
  "i64.trunc_f64_s i64.trunc_f64_u f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64 f64.convert_i32_s " +
  "f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32 i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64 " +
  "i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s"
).split(" "); // from 0x45

const ATOMIC_WIDTHS = ["i32|", "i64|", "i32|8_u", "i32|16_u", "i64|8_u", "i64|16_u", "i64|32_u"];

/** The name of a 0xFE opcode that carries an address: loads from 0x10, stores from 0x17, read-modify-writes from 0x1e. */
function atomicName(code) {
  if (code === 0x00) return "memory.atomic.notify";
  if (code === 0x01) return "memory.atomic.wait32";
  if (code === 0x02) return "memory.atomic.wait64";
  if (code < 0x10 || code > 0x4e) return undefined;
  const [type, width] = ATOMIC_WIDTHS[(code - 0x10) % 7].split("|");
  const kind = ["load", "store", "add", "sub", "and", "or", "xor", "xchg", "cmpxchg"][Math.floor((code - 0x10) / 7)];
  if (kind === "load") return `${type}.atomic.load${width}`;
  if (kind === "store") return `${type}.atomic.store${width.replace("_u", "")}`;
  return `${type}.atomic.rmw${width.replace("_u", "")}.${kind}${width === "" ? "" : "_u"}`;
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }
  byte() {
    if (this.at >= this.bytes.length) throw new Error(`wasm: expected more bytes at ${this.at}`);
    return this.bytes[this.at++];
  }
  unsigned() {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return Number(value);
    }
  }
  signed(bits) {
    let value = 0n;
    for (let shift = 0n; ; ) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if ((byte & 0x80) === 0) return BigInt.asIntN(bits, byte & 0x40 ? value | (-1n << shift) : value);
    }
  }
  name() {
    const length = this.unsigned();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
  valueType() {
    const code = this.byte();
    const type = VALUE_TYPES.get(code);
    if (type === undefined) throw new Error(`wasm: unknown value type 0x${code.toString(16)} at ${this.at - 1}`);
    return type;
  }
  list(read) {
    return Array.from({ length: this.unsigned() }, () => read(this));
  }
  limits() {
    const flags = this.byte();
    this.unsigned();
    if (flags & 1) this.unsigned();
  }
}

/** @returns {Instruction} */
function readInstruction(r) {
  const at = r.at;
  const code = r.byte();
  const memory = (op) => ({ op, at, align: r.unsigned(), offset: r.unsigned() });
  const indexed = (op) => ({ op, at, index: r.unsigned() });
  const control = (op) => {
    const type = r.byte();
    if (type !== 0x40 && !VALUE_TYPES.has(type)) throw new Error(`wasm: block types with parameters are not expected (at ${at})`);
    return { op, at, result: VALUE_TYPES.get(type) };
  };
  if (code >= 0x28 && code <= 0x3e) return memory(PLAIN_MEMORY[code - 0x28]);
  if (code >= 0x45 && code < 0x45 + NUMERIC.length) return { op: NUMERIC[code - 0x45], at };
  switch (code) {
    case 0x00:
      return { op: "unreachable", at };
    case 0x01:
      return { op: "nop", at };
    case 0x02:
      return control("block");
    case 0x03:
      return control("loop");
    case 0x04:
      return control("if");
    case 0x05:
      return { op: "else", at };
    case 0x0b:
      return { op: "end", at };
    case 0x0c:
      return indexed("br");
    case 0x0d:
      return indexed("br_if");
    case 0x0e: {
      const targets = r.list((reader) => reader.unsigned());
      return { op: "br_table", at, targets: [...targets, r.unsigned()] };
    }
    case 0x0f:
      return { op: "return", at };
    case 0x10:
      return indexed("call");
    case 0x11: {
      const instruction = indexed("call_indirect");
      r.unsigned();
      return instruction;
    }
    case 0x1a:
      return { op: "drop", at };
    case 0x1b:
      return { op: "select", at };
    case 0x20:
      return indexed("local.get");
    case 0x21:
      return indexed("local.set");
    case 0x22:
      return indexed("local.tee");
    case 0x23:
      return indexed("global.get");
    case 0x24:
      return indexed("global.set");
    case 0x3f:
      return indexed("memory.size");
    case 0x40:
      return indexed("memory.grow");
    case 0x41:
      return { op: "i32.const", at, value: Number(r.signed(32)) };
    case 0x42:
      return { op: "i64.const", at, value: r.signed(64) };
    case 0x44:
      r.at += 8;
      return { op: "f64.const", at, value: r.view.getFloat64(r.at - 8, true) };
    case 0xfc: {
      const sub = r.unsigned();
      if (sub === 11) return indexed("memory.fill");
      if (sub === 10) {
        const instruction = indexed("memory.copy");
        r.unsigned();
        return instruction;
      }
      break;
    }
    case 0xfe: {
      const sub = r.unsigned();
      if (sub === 0x03) {
        r.byte();
        return { op: "atomic.fence", at };
      }
      const op = atomicName(sub);
      if (op !== undefined) return memory(op);
    }
  }
  throw new Error(`wasm: unknown instruction 0x${code.toString(16)} at ${at}`);
}

function readBody(r, type) {
  const size = r.unsigned();
  const end = r.at + size;
  const locals = [...type.params];
  for (const [count, kind] of r.list((reader) => [reader.unsigned(), reader.valueType()])) {
    for (let i = 0; i < count; i++) locals.push(kind);
  }
  const code = [];
  while (r.at < end) code.push(readInstruction(r));
  if (r.at !== end || code.at(-1)?.op !== "end") throw new Error(`wasm: a function body does not end where its size says (${end})`);
  return { name: "", params: type.params, results: type.results, locals, code };
}

/**
 * @param {Uint8Array} bytes
 * @returns {WasmModule}
 */
export function decode(bytes) {
  const r = new Reader(bytes);
  if (r.view.getUint32(0, true) !== 0x6d736100 || r.view.getUint32(4, true) !== 1) throw new Error("wasm: expected a version 1 module");
  r.at = 8;
  let types = [];
  let declared = [];
  let globals = [];
  let functions = [];
  let exported = [];
  let imported = 0;
  while (r.at < bytes.length) {
    const section = r.byte();
    const size = r.unsigned();
    const end = r.at + size;
    if (section === 1) {
      types = r.list(() => {
        if (r.byte() !== 0x60) throw new Error("wasm: expected a function type");
        return { params: r.list(() => r.valueType()), results: r.list(() => r.valueType()) };
      });
    } else if (section === 2) {
      r.list(() => {
        r.name();
        r.name();
        const kind = r.byte();
        if (kind === 0) imported += 1;
        if (kind !== 2) throw new Error("wasm: only a memory may be imported");
        r.limits();
      });
    } else if (section === 3) declared = r.list(() => r.unsigned());
    else if (section === 6) {
      globals = r.list(() => {
        const type = r.valueType();
        const mutable = r.byte() === 1;
        const { value } = readInstruction(r);
        readInstruction(r);
        return { type, mutable, value };
      });
    } else if (section === 7) {
      exported = r.list(() => ({ name: r.name(), kind: r.byte(), index: r.unsigned() }));
    } else if (section === 10) {
      let next = 0;
      functions = r.list(() => readBody(r, types[declared[next++]]));
    }
    r.at = end;
  }
  for (const { name, kind, index } of exported) if (kind === 0) functions[index - imported].name = name;
  return { functions, globals };
}
