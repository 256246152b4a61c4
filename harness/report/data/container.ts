/**
 * The bytes inside a report: a JSON header, then columns of whole numbers, each as variable-length differences. Small
 * before compression and very small after it: an operation takes about ten bytes in all.
 *
 * ```text
 * u32 length of header · header (UTF-8 JSON: { meta, columns: [{ name, length, bytes }] }) · columns one after the other
 * ```
 */
export interface Container<Meta> {
  readonly meta: Meta;
  readonly columns: Readonly<Record<string, Float64Array>>;
}

interface Header<Meta> {
  readonly meta: Meta;
  readonly columns: readonly { readonly name: string; readonly length: number; readonly bytes: number }[];
}

export function pack<Meta>({ meta, columns }: Container<Meta>): Uint8Array<ArrayBuffer> {
  const encoded = Object.entries(columns).map(([name, values]) => ({ name, values, bytes: encodeColumn(values) }));
  const header: Header<Meta> = {
    meta,
    columns: encoded.map(({ name, values, bytes }) => ({ name, length: values.length, bytes: bytes.length })),
  };
  const headerBytes = new TextEncoder().encode(JSON.stringify(header));
  const size = 4 + headerBytes.length + encoded.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const packed = new Uint8Array(size);
  new DataView(packed.buffer).setUint32(0, headerBytes.length, true);
  packed.set(headerBytes, 4);
  let at = 4 + headerBytes.length;
  for (const { bytes } of encoded) {
    packed.set(bytes, at);
    at += bytes.length;
  }
  return packed;
}

export function unpack<Meta>(packed: Uint8Array): Container<Meta> {
  const headerLength = new DataView(packed.buffer, packed.byteOffset).getUint32(0, true);
  let at = 4 + headerLength;
  const header = JSON.parse(new TextDecoder().decode(packed.subarray(4, at))) as Header<Meta>;
  const columns: Record<string, Float64Array> = {};
  for (const { name, length, bytes } of header.columns) {
    columns[name] = decodeColumn(packed.subarray(at, at + bytes), length);
    at += bytes;
  }
  return { meta: header.meta, columns };
}

/** Differences are zigzag-coded, so that small ones of either sign are short; doubled they must still be exact. */
const differenceMax = 2 ** 52;

/**
 * Each value's difference to the one before, zigzag (0, -1, 1, -2, ... become 0, 1, 2, 3, ...), seven bits a byte, low
 * bits first (LEB128). Plain arithmetic instead of bit operations, for those end at 32 bits and times do not.
 */
export function encodeColumn(values: Float64Array): Uint8Array {
  const bytes: number[] = [];
  let previous = 0;
  for (const value of values) {
    const difference = value - previous;
    if (!Number.isSafeInteger(value) || Math.abs(difference) > differenceMax) {
      throw new RangeError(`a report holds whole numbers up to ±2^52 apart, not ${value} after ${previous}`);
    }
    let rest = difference < 0 ? -2 * difference - 1 : 2 * difference;
    while (rest >= 128) {
      bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
    previous = value;
  }
  return Uint8Array.from(bytes);
}

export function decodeColumn(bytes: Uint8Array, length: number): Float64Array {
  const values = new Float64Array(length);
  let at = 0;
  let previous = 0;
  for (let i = 0; i < length; i++) {
    let code = 0;
    let scale = 1;
    for (; bytes[at]! >= 128; at++, scale *= 128) code += (bytes[at]! - 128) * scale;
    code += bytes[at++]! * scale;
    previous += code % 2 === 1 ? -(code + 1) / 2 : code / 2;
    values[i] = previous;
  }
  return values;
}
