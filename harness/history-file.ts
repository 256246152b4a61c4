import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { HistorySink } from './recorder.ts';

/** Enough for many turns; beyond it a turn's events are written in pieces. */
const bufferChars = 256 * 1024;

/**
 * The history on disk, appended as the run goes: the events of one turn of the event loop are handed to the operating
 * system together before the next turn, so a harness that is killed loses nothing that any later event could depend on.
 */
export class HistoryFile implements HistorySink {
  readonly #path: string;
  readonly #file: number;
  #lines = '';
  #scheduled = false;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'ax');
  }

  append(line: string): void {
    this.#lines += `${line}\n`;
    if (this.#lines.length > bufferChars) this.flush();
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  flush(): void {
    if (this.#lines === '') return;
    const bytes = Buffer.from(this.#lines);
    this.#lines = '';
    let at = 0;
    while (at < bytes.length) at += writeSync(this.#file, bytes, at);
  }

  close(): void {
    this.flush();
    closeSync(this.#file);
  }

  /** What the file holds: a judge looks at nothing else. */
  readBack(): Uint8Array {
    return readFileSync(this.#path);
  }
}
