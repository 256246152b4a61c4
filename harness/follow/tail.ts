import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** The file that is being followed is not the one it was: what was read of it proves nothing any more. */
export class FileChanged extends Error {}

const pieceBytes = 256 * 1024;

/**
 * Reads what is appended to a file, by asking again: notices of changes get lost on some file systems. It keeps one
 * buffer, whatever the file's size.
 */
export class Tail {
  private readonly path: string;
  private readonly file: number;
  private readonly piece = new Uint8Array(pieceBytes);
  private read = 0;

  /** Throws what the file system says (`ENOENT`, `EISDIR`, ...). */
  constructor(path: string) {
    this.path = path;
    this.file = openSync(path, 'r');
  }

  /** Bytes handed out so far. */
  get bytes(): number {
    return this.read;
  }

  /**
   * The next piece, or `undefined` when there is nothing new. It is valid until the next call.
   *
   * @throws FileChanged if the file has become shorter, or another file is in its place.
   */
  next(): Uint8Array | undefined {
    const length = readSync(this.file, this.piece, 0, pieceBytes, this.read);
    if (length === 0) {
      this.requireSameFile();
      return undefined;
    }
    this.read += length;
    return this.piece.subarray(0, length);
  }

  close(): void {
    closeSync(this.file);
  }

  private requireSameFile(): void {
    const own = fstatSync(this.file);
    if (own.size < this.read)
      throw new FileChanged(`'${this.path}' was cut short while it was followed; follow it anew`);
    const there = statSync(this.path, { throwIfNoEntry: false });
    if (there === undefined) throw new FileChanged(`'${this.path}' was removed while it was followed`);
    if (there.ino !== own.ino || there.dev !== own.dev) {
      throw new FileChanged(`'${this.path}' was replaced while it was followed; follow it anew`);
    }
  }
}
