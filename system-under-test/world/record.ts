import { crc32 } from 'node:zlib';

/**
 * One record on disk: length (u32, little endian), CRC-32 of length and payload (u32), payload. The length is covered
 * too, so that a stretch of zeros is no valid empty record.
 */
export const headerBytes = 8;

/** Longer than any honest record; a length beyond it is damage. */
export const payloadBytesMax = 2 ** 30;

export function encodeRecord(payload: Uint8Array): Buffer {
  if (payload.length > payloadBytesMax) throw new RangeError(`a record of ${payload.length} bytes is too long`);
  const record = Buffer.allocUnsafe(headerBytes + payload.length);
  record.writeUInt32LE(payload.length, 0);
  record.set(payload, headerBytes);
  record.writeUInt32LE(checksum(record, 0, payload.length), 4);
  return record;
}

export interface ScannedLog {
  readonly payloads: readonly Uint8Array[];
  /** Bytes up to the end of the last intact record; what follows is a torn tail. */
  readonly intactBytes: number;
}

/** A record that was durable is damaged: more than a crash can do, so nobody may guess (SYSTEMS 0.3). */
export class DamagedLogError extends Error {
  override readonly name = 'DamagedLogError';
}

/**
 * Reads records until the first that is not intact. If anything valid follows that one, it was no torn tail but damage
 * in the middle: throws DamagedLogError. Linear, save for lengths that look plausible inside a tail.
 */
export function scanRecords(bytes: Buffer): ScannedLog {
  const payloads: Uint8Array[] = [];
  let at = 0;
  for (let length = intactLength(bytes, at); length >= 0; length = intactLength(bytes, at)) {
    payloads.push(bytes.subarray(at + headerBytes, at + headerBytes + length));
    at += headerBytes + length;
  }
  for (let later = at + 1; later + headerBytes <= bytes.length; later++) {
    if (intactLength(bytes, later) < 0) continue;
    throw new DamagedLogError(`the record at byte ${at} is damaged, yet an intact one follows at byte ${later}`);
  }
  return { payloads, intactBytes: at };
}

/** The payload's length of the record that begins at `at`, or -1 when none intact does. */
function intactLength(bytes: Buffer, at: number): number {
  if (at + headerBytes > bytes.length) return -1;
  const length = bytes.readUInt32LE(at);
  if (length > payloadBytesMax || at + headerBytes + length > bytes.length) return -1;
  return bytes.readUInt32LE(at + 4) === checksum(bytes, at, length) ? length : -1;
}

function checksum(bytes: Buffer, at: number, payloadLength: number): number {
  const ofLength = crc32(bytes.subarray(at, at + 4));
  return crc32(bytes.subarray(at + headerBytes, at + headerBytes + payloadLength), ofLength);
}
