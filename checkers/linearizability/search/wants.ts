import type { Cell } from './cell.ts';
import { DENIES, EXCHANGES, MAY_EXCHANGE, OBSERVES, REPLACES, WRITES } from './effects.ts';
import type { Pending } from './pending.ts';
import type { Unknowns } from './unknowns.ts';

/**
 * What pending operations want of the next state, where the model says what they need. The moves before the last of a
 * block are made for somebody's sake: who makes a value that nobody pending needs might as well wait, or is
 * overwritten by the move after it, and then goes unseen (R6 for unknown operations, R7 for writes).
 */
export class Wants {
  private readonly cell: Cell;
  private readonly unknowns: Unknowns;
  private readonly calls: Int32Array;
  /** By value: wanted if it is the present stamp. */
  private readonly stamps: Int32Array;
  private stamp = 0;
  private readonly list: Int32Array;
  private count = 0;
  /** Somebody pending cannot go in the present state, and could in any other. */
  private escape = false;
  /** Some pending write is not covered. */
  private uncovered = false;
  /** By value: the groups of unknown operations that make it. */
  private readonly makers = new Map<number, number[]>();
  private readonly all: readonly number[];
  private readonly exchanging: boolean;

  constructor(cell: Cell, unknowns: Unknowns, calls: Int32Array) {
    this.cell = cell;
    this.unknowns = unknowns;
    this.calls = calls;
    this.stamps = new Int32Array(cell.valueCount);
    this.list = new Int32Array(cell.valueCount);
    this.all = Array.from({ length: unknowns.groupCount }, (_, group) => group);
    this.exchanging = this.all.some((group) => this.exchanges(group));
    for (const group of this.all) {
      const makes = cell.makes[unknowns.sample(group)]!;
      const groups = this.makers.get(makes);
      if (groups === undefined) this.makers.set(makes, [group]);
      else groups.push(group);
    }
  }

  private exchanges(group: number): boolean {
    const kind = this.cell.kinds[this.unknowns.sample(group)];
    return kind === MAY_EXCHANGE || kind === EXCHANGES;
  }

  get bytes(): number {
    return 8 * this.stamps.length + 8 * this.all.length + 80 * this.makers.size;
  }

  /** Takes stock: what is wanted at this position, in this state? */
  update(position: number, state: number, pending: Pending): void {
    const { ops, linearized } = pending;
    this.stamp++;
    this.count = 0;
    this.escape = false;
    this.uncovered = pending.hasUncovered();
    for (let slot = 0; slot < ops.length; slot++) {
      const op = ops[slot]!;
      if (op >= 0 && ((linearized[slot >>> 5]! >>> (slot & 31)) & 1) === 0) this.ask(op, state);
    }
    if (!this.exchanging) return;
    for (let at = 0; at < this.count; at++) this.wantSources(this.list[at]!, position);
  }

  /**
   * Whether an operation that leads from the state to the next one does somebody a service. A write of the value that
   * is there already does one if it covers another write (R7) and the value is wanted afterwards.
   */
  served(op: number, state: number, next: number): boolean {
    const wanted = this.stamps[next] === this.stamp;
    if (next === state) return wanted && this.uncovered && this.cell.kinds[op] === WRITES;
    return wanted || this.escape;
  }

  /** Groups of unknown operations, among them all that can do somebody a service. */
  candidates(): readonly number[] {
    if (this.escape) return this.all;
    if (this.makers.size === 0) return [];
    return Array.from(this.list.subarray(0, this.count), (value) => this.makers.get(value) ?? []).flat();
  }

  private ask(op: number, state: number): void {
    const { kinds, needs } = this.cell;
    switch (kinds[op]) {
      case OBSERVES:
      case EXCHANGES:
        this.want(needs[op]!);
        return;
      case MAY_EXCHANGE:
        this.want(needs[op]!);
        this.escape ||= needs[op] === state;
        return;
      case DENIES:
      case REPLACES:
        this.escape ||= needs[op] === state;
    }
  }

  private want(value: number): void {
    if (this.stamps[value] === this.stamp) return;
    this.stamps[value] = this.stamp;
    this.list[this.count++] = value;
  }

  /** Unknown exchanges that make what is wanted want what they need. */
  private wantSources(value: number, position: number): void {
    for (const group of this.makers.get(value) ?? []) {
      if (!this.exchanges(group)) continue;
      const op = this.unknowns.next(group);
      if (op >= 0 && this.calls[op]! < position) this.want(this.cell.needs[op]!);
    }
  }
}
