import { ABSENT } from './absent.ts';

/**
 * Numbers from 0 to 2^31 - 2 by row, of which most may be absent: no memory until the first is set. They are kept one
 * higher, so that zero means absent and a fresh column needs no filling: rows never touched cost address space only.
 */
export class RareColumn {
  private column = new Int32Array(0);
  private readonly rowsExpected: number;

  constructor(rowsExpected = 0) {
    this.rowsExpected = rowsExpected;
  }

  get(row: number): number {
    return row < this.column.length ? this.column[row]! - 1 : ABSENT;
  }

  set(row: number, content: number): void {
    if (row >= this.column.length) this.grow(row);
    this.column[row] = content + 1;
  }

  private grow(row: number): void {
    const column = new Int32Array(Math.max(16, 2 * row, this.rowsExpected));
    column.set(this.column);
    this.column = column;
  }
}
