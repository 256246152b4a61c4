import type { Cell } from './cell.ts';
import { EXCHANGES, MAY_EXCHANGE, NO_VALUE, OBSERVES } from './effects.ts';
import type { Timing } from './timing.ts';
import type { Window } from './window.ts';

const NONE = -1;

/** At least so many operations that need a value are looked at, and twice as many as may be open at once. */
const horizonMin = 16;

/**
 * What the operations that are still to be linearized need and make, by value.
 *
 * R3: a value must not be left if the definite operation that needs it and returns first has returned before anybody
 * who can make the value again is invoked. No completion leaves it then, so nothing is lost. More generally, every
 * exchange that starts from the value uses it up: before the k-th of them returns, k operations that make the value must
 * have been invoked. So do k - 1 if the value is there, and that is why nothing need be asked when it is made.
 *
 * Lists are linked through the operations and read from heads that skip what is linearized; taking an operation back
 * moves a head back. Amortised O(1) per operation linearized or taken back.
 */
export class LookAhead {
  /** The latest return that a refusal was ever based on. */
  evidence = 0;
  private readonly horizon: number;
  private readonly optional: Uint8Array | undefined;
  private readonly cell: Cell;
  private readonly timing: Timing;
  private readonly done: Uint8Array;
  /** Definite operations that need a value, by return. */
  private readonly needer: Int32Array;
  private readonly neederNext: Int32Array;
  /** Operations that make a value, by invocation. */
  private readonly maker: Int32Array;
  private readonly makerNext: Int32Array;
  /** Operations that may change a value but need not happen, by invocation. */
  private readonly taker: Int32Array;
  private readonly takerNext: Int32Array;

  /** `done`: by operation, 1 while it is linearized. */
  constructor(cell: Cell, timing: Timing, done: Uint8Array, { width, optional }: Window) {
    const { length } = cell.kinds;
    this.optional = optional;
    this.horizon = Math.max(horizonMin, 2 * width);
    this.cell = cell;
    this.timing = timing;
    this.done = done;
    this.needer = new Int32Array(cell.valueCount).fill(NONE);
    this.maker = new Int32Array(cell.valueCount).fill(NONE);
    this.taker = new Int32Array(cell.valueCount).fill(NONE);
    this.neederNext = new Int32Array(length);
    this.makerNext = new Int32Array(length);
    this.takerNext = new Int32Array(cell.kinds.some((_, op) => this.isTaker(op)) ? length : 0);
    for (let op = length - 1; op >= 0; op--) this.listMaker(op);
    for (let at = timing.events.length - 1; at >= 0; at--) this.listNeeder(timing.events[at]!);
  }

  get bytes(): number {
    return 4 * (this.neederNext.length + this.makerNext.length + this.takerNext.length + 3 * this.needer.length);
  }

  private listMaker(op: number): void {
    const { cell, maker, taker } = this;
    const makes = cell.makes[op]!;
    if (makes !== NO_VALUE) {
      this.makerNext[op] = maker[makes]!;
      maker[makes] = op;
    }
    if (!this.isTaker(op)) return;
    const needs = cell.needs[op]!;
    this.takerNext[op] = taker[needs]!;
    taker[needs] = op;
  }

  private listNeeder(event: number): void {
    const op = event >>> 1;
    if ((event & 1) === 0 || !this.isNeeder(op)) return;
    const needs = this.cell.needs[op]!;
    this.neederNext[op] = this.needer[needs]!;
    this.needer[needs] = op;
  }

  private isNeeder(op: number): boolean {
    const kind = this.cell.kinds[op]!;
    return (kind === OBSERVES || kind === EXCHANGES) && this.mustHappen(op);
  }

  private isTaker(op: number): boolean {
    const kind = this.cell.kinds[op]!;
    return kind === MAY_EXCHANGE || (kind === EXCHANGES && !this.mustHappen(op));
  }

  private mustHappen(op: number): boolean {
    return this.timing.returns[op]! < this.timing.never && (this.optional === undefined || this.optional[op] === 0);
  }

  /** When the value must be there next: the position of a return, or later than all events. */
  neededBefore(value: number): number {
    const op = this.firstNeeder(value);
    return op === NONE ? this.timing.never : this.timing.returns[op]!;
  }

  /** Some operation that need not happen may still start from the value. */
  taken(value: number): boolean {
    const { taker, takerNext, done } = this;
    let op = taker[value]!;
    while (op !== NONE && done[op] === 1) op = takerNext[op]!;
    taker[value] = op;
    return op !== NONE;
  }

  /**
   * Whether the value would be missed if it were left, or its maker spent, by the operation that moves (R3). Looks at the
   * next few operations that need it: so many makers must be invoked before each returns as exchanges have to start from
   * the value by then, and one at least.
   */
  missed(value: number, mover: number): boolean {
    const { neederNext, makerNext, done, timing, cell } = this;
    let maker = this.firstMaker(value);
    let made = 0;
    let spent = 0;
    let looked = 0;
    for (let needer = this.firstNeeder(value); needer !== NONE && looked < this.horizon; needer = neederNext[needer]!) {
      if (done[needer] === 1 || needer === mover) continue;
      looked++;
      if (cell.kinds[needer] === EXCHANGES && cell.makes[needer] !== value) spent++;
      const before = timing.returns[needer]!;
      while (made < spent || made === 0) {
        while (maker !== NONE && (done[maker] === 1 || maker === mover)) maker = makerNext[maker]!;
        if (maker === NONE || timing.calls[maker]! > before) {
          if (before > this.evidence) this.evidence = before;
          return true;
        }
        made++;
        maker = makerNext[maker]!;
      }
    }
    return false;
  }

  /** Whether at the beginning, where one value is there, some other one cannot be made in time. */
  hopeless(initial: number): boolean {
    for (let value = 0; value < this.needer.length; value++) {
      if (value !== initial && this.needer[value] !== NONE && this.missed(value, NONE)) return true;
    }
    return false;
  }

  /** An operation is no longer linearized. */
  takeBack(op: number): void {
    const { cell, needer, maker, taker, timing } = this;
    const needs = cell.needs[op]!;
    const makes = cell.makes[op]!;
    if (makes !== NO_VALUE && (maker[makes] === NONE || op < maker[makes]!)) maker[makes] = op;
    if (this.isTaker(op)) {
      if (taker[needs] === NONE || op < taker[needs]!) taker[needs] = op;
    } else if (this.isNeeder(op)) {
      const head = needer[needs]!;
      if (head === NONE || timing.returns[op]! < timing.returns[head]!) needer[needs] = op;
    }
  }

  private firstMaker(value: number): number {
    const { maker, makerNext, done } = this;
    let op = maker[value]!;
    while (op !== NONE && done[op] === 1) op = makerNext[op]!;
    maker[value] = op;
    return op;
  }

  private firstNeeder(value: number): number {
    const { needer, neederNext, done } = this;
    let op = needer[value]!;
    while (op !== NONE && done[op] === 1) op = neederNext[op]!;
    needer[value] = op;
    return op;
  }
}
