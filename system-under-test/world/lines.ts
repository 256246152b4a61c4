/**
 * Cuts a byte stream into lines. A line that spans many chunks is put together once, at its end, so the cost is linear
 * in the bytes. Returns false from `push` when a line grows beyond the limit; the stream is then of no use any more.
 */
export class LineSplitter {
  readonly #bytesMax: number;
  readonly #take: (line: string) => void;
  #begun: Buffer[] = [];
  #begunBytes = 0;

  constructor(bytesMax: number, take: (line: string) => void) {
    this.#bytesMax = bytesMax;
    this.#take = take;
  }

  push(chunk: Buffer): boolean {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      if (this.#begunBytes + end - from > this.#bytesMax) return false;
      this.#take(this.#finish(chunk, from, end));
      from = end + 1;
    }
    if (from < chunk.length) {
      this.#begun.push(chunk.subarray(from));
      this.#begunBytes += chunk.length - from;
    }
    return this.#begunBytes <= this.#bytesMax;
  }

  #finish(chunk: Buffer, from: number, end: number): string {
    if (this.#begunBytes === 0) return chunk.toString('utf8', from, end);
    const line = Buffer.concat([...this.#begun, chunk.subarray(from, end)]).toString('utf8');
    this.#begun = [];
    this.#begunBytes = 0;
    return line;
  }
}

const newline = 10;
