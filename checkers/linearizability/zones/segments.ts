import { type Cell, DENIAL, EXCHANGE, MAYBE_EXCHANGE, MAYBE_WRITE, READ, stride, WRITE } from './cell.ts';
import type { Conflict } from './conflict.ts';

export const NOBODY = -1;

/**
 * The time during which the register holds a value is a segment, named by the operation that writes the value; by the
 * number of operations if it is the initial value. Each value has at most one segment, since only one operation writes
 * it.
 */
export interface Segments {
  readonly cell: Cell;
  /** The segment of the initial value. */
  readonly start: number;
  /** Per operation and for `start`: the segment that it reads, begins or denies; `NOBODY` if nothing begins it. */
  readonly of: Int32Array;
  /** Per segment: the exchange that ended it, which is the next segment, or `NOBODY`. Empty if there is no exchange. */
  readonly next: Int32Array;
  readonly conflict: Conflict | undefined;
}

/**
 * Finds the segment of every operation, and which operations of unknown outcome took effect (CHECKERS 2.1, steps 1 and
 * 2): those whose value was read, or was exchanged by an operation that took effect. The others can be left out of
 * any linearization, as nobody observed their value. Changes `cell`: `values` into segments, and kinds from `MAYBE_*`
 * into what they are found to be. O(operations).
 */
export function segmentsOf(cell: Cell, checkpoint: () => void): Segments {
  return new Linking(cell).run(checkpoint);
}

class Linking {
  private readonly cell: Cell;
  private readonly start: number;
  private readonly next: Int32Array;
  /** Exchanges that turned out to have taken effect after they had been passed over. */
  private readonly late: number[] = [];
  private conflict: Conflict | undefined;

  constructor(cell: Cell) {
    this.cell = cell;
    this.start = cell.kinds.length;
    this.next = cell.exchanges ? new Int32Array(this.start + 1).fill(NOBODY) : new Int32Array(0);
  }

  run(checkpoint: () => void): Segments {
    const { cell, start, next } = this;
    const { kinds, values } = cell;
    for (let op = 0; op < start; op++) {
      if ((op & stride) === stride) checkpoint();
      switch (kinds[op]) {
        case READ:
          this.read(op);
          break;
        case WRITE:
        case MAYBE_WRITE:
          values[op] = op;
          break;
        case DENIAL:
          this.deny(op);
          break;
        case EXCHANGE:
          this.resolve(op);
          this.exchange(op, op);
          break;
        case MAYBE_EXCHANGE:
          this.resolve(op);
      }
    }
    while (this.late.length > 0) this.exchange(this.late.pop()!, start);
    return { cell, start, of: values, next, conflict: this.conflict };
  }

  private segmentOf(value: number): number {
    return value === this.cell.initial ? this.start : this.cell.writers.of(value);
  }

  private read(op: number): void {
    const segment = this.segmentOf(this.cell.values[op]!);
    if (segment < 0) this.conflict ??= { kind: 'unwritten', op };
    else this.need(segment, op);
    this.cell.values[op] = Math.max(NOBODY, segment);
  }

  /** What denies a value that is never written is right at any time; its segment is `NOBODY`. */
  private deny(op: number): void {
    this.cell.values[op] = Math.max(NOBODY, this.segmentOf(this.cell.values[op]!));
  }

  private resolve(op: number): void {
    const { from, values } = this.cell;
    from[op] = Math.max(NOBODY, this.segmentOf(from[op]!));
    values[op] = op;
  }

  /** An exchange takes effect; operations before `passed` have been looked at. */
  private exchange(op: number, passed: number): void {
    const from = this.cell.from[op]!;
    if (from === NOBODY) this.conflict ??= { kind: 'unwritten', op };
    else if (this.next[from] !== NOBODY) {
      this.conflict ??= { kind: 'twice', first: this.next[from]!, second: op };
    } else {
      this.next[from] = op;
      this.need(from, passed);
    }
  }

  private need(segment: number, passed: number): void {
    const { kinds } = this.cell;
    if (segment === this.start) return;
    if (kinds[segment] === MAYBE_WRITE) kinds[segment] = WRITE;
    else if (kinds[segment] === MAYBE_EXCHANGE) {
      kinds[segment] = EXCHANGE;
      if (segment < passed) this.late.push(segment);
    }
  }
}
