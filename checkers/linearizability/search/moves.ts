import { longer } from './columns.ts';

const LENGTH = 3;

/** Steps between two ranks of urgency. */
const step = 2 ** 29;

/**
 * The moves that are still to be tried, a stack: every frame of the search owns those above its own mark. Those of a
 * frame lie in order of rank, the best on top (R2).
 */
export class Moves {
  count = 0;
  private cells = new Int32Array(32 * LENGTH);

  get bytes(): number {
    return 4 * this.cells.length;
  }

  /** Operation and next state of the topmost move. */
  get op(): number {
    return this.cells[LENGTH * (this.count - 1)]!;
  }

  get next(): number {
    return this.cells[LENGTH * (this.count - 1) + 1]!;
  }

  push(op: number, next: number, rank: number): void {
    const at = LENGTH * this.count++;
    if (at + LENGTH > this.cells.length) this.cells = longer(this.cells, 2 * this.cells.length);
    this.cells[at] = op;
    this.cells[at + 1] = next;
    this.cells[at + 2] = rank;
  }

  /** Insertion sort of the moves from a mark on, the lowest rank last. */
  sort(from: number): void {
    const { cells } = this;
    for (let i = from + 1; i < this.count; i++) {
      const op = cells[LENGTH * i]!;
      const next = cells[LENGTH * i + 1]!;
      const rank = cells[LENGTH * i + 2]!;
      let at = LENGTH * i;
      for (; at > LENGTH * from && cells[at - 1]! < rank; at -= LENGTH) {
        cells[at] = cells[at - 3]!;
        cells[at + 1] = cells[at - 2]!;
        cells[at + 2] = cells[at - 1]!;
      }
      cells[at] = op;
      cells[at + 1] = next;
      cells[at + 2] = rank;
    }
  }
}

/** R2: moves that unblock first, definite operations before unknown ones, then by how soon they return. */
export function rank(unblocks: boolean, unknown: boolean, urgency: number): number {
  return ((unblocks ? 0 : 2) + (unknown ? 1 : 0)) * step + Math.min(urgency, step - 1);
}
