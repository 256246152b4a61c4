import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { HistoryReader, type ReadOptions } from '../../checkers/history/format.ts';
import type { Paired } from '../../checkers/history/pairing.ts';

/** One piece of a file: it stays in the processor's cache while it is read. */
const pieceBytes = 256 * 1024;

/** `beforePiece` looks at clocks and gauges, which costs about as much as a piece: it is asked before so many. */
const piecesBetween = 16;

/** Two lines of JSON, with little more in them than an operation needs, take no less. */
const bytesPerOperationMin = 110;

/** More operations than this make their columns grow. */
const operationsExpectedMax = 1 << 26;

/**
 * Reads a history from a file of any size, piece by piece: in memory are the history and one piece. Throws what the
 * file system says (`ENOENT`, `EISDIR`, ...), and what `beforePiece` throws, which is called before every four
 * megabytes; what is wrong with the contents is in the answer.
 */
export function readHistoryFile(path: string, options: ReadOptions = {}, beforePiece?: () => void): Paired {
  const file = openSync(path, 'r');
  try {
    const operationsExpected = Math.min(operationsExpectedMax, fstatSync(file).size / bytesPerOperationMin);
    const reader = new HistoryReader({ name: path, operationsExpected, ...options });
    const piece = new Uint8Array(pieceBytes);
    let pieces = 0;
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
      if (pieces++ % piecesBetween === 0) beforePiece?.();
      reader.push(piece.subarray(0, length));
    }
    return reader.end();
  } finally {
    closeSync(file);
  }
}
