import { Stretch, type Whole } from './stretch.ts';

/** Positions from `from` on, before `end`. */
export interface Span {
  readonly from: number;
  readonly end: number;
}

/** Stretches are looked at after so many failures without progress, and from then on whenever they have doubled. */
const failuresAtFirst = 64;

/** Events of the first stretch. */
const spanAtFirst = 8;

/** Steps spent on stretches for each failure of the search. */
const stepsPerFailure = 2;

/**
 * Ends a search that keeps turning back before it has been through everything: most contradictions are between
 * operations that stand close together, and a stretch that contains them can be refuted by itself (see `Stretch`).
 * Stretches of doubled length are tried while they can be explained. All of it costs a constant factor more than the search alone.
 */
export class Refuter {
  /** The stretch that was refuted, if one was. */
  refuted: Span | undefined;
  private readonly whole: Whole;
  /** Failures since the search last got further, and how far that was. */
  private failures = 0;
  private blocked = 0;
  private nextAt = failuresAtFirst;
  private span = spanAtFirst;
  /** Where the stretches of this round end, the next one last. */
  private ends: number[] = [];
  private end = 0;
  private stretch: Stretch | undefined;
  private steps = 0;

  constructor(whole: Whole) {
    this.whole = whole;
  }

  get bytes(): number {
    return this.stretch?.bytes ?? 0;
  }

  /** There is a stretch to be looked at now. */
  get busy(): boolean {
    return this.stretch !== undefined;
  }

  /**
   * The search has turned back once more. It never got past the return at `blocked`, and everything that it failed at
   * happened up to `refuted`. What stands in the way is likely to lie close to one or the other.
   */
  failed(blocked: number, refuted: number): void {
    if (blocked !== this.blocked) {
      this.blocked = blocked;
      this.failures = 0;
      this.nextAt = failuresAtFirst;
    }
    this.failures++;
    if (this.failures < this.nextAt) return;
    this.nextAt *= 2;
    this.ends = blocked === refuted ? [blocked + 1] : [refuted + 1, blocked + 1];
    this.nextEnd();
  }

  /** Works on stretches, for about as many steps as the budget says; true if one is refuted. */
  run(budget: number): boolean {
    const found = this.stretch!.run(Math.min(budget, this.steps));
    this.steps -= budget;
    if (found === 'refuted') {
      this.refuted = { from: this.end - this.span, end: this.end };
      return true;
    }
    if (found === 'explained') {
      this.span *= 2;
      this.look();
    } else if (this.steps <= 0) this.nextEnd();
    return false;
  }

  private nextEnd(): void {
    this.stretch = undefined;
    const end = this.ends.pop();
    if (end === undefined) return;
    this.end = end;
    this.span = spanAtFirst;
    this.steps = (stepsPerFailure * this.failures) / 2;
    this.look();
  }

  private look(): void {
    const from = this.end - this.span;
    if (from > 0 && this.steps > 0) this.stretch = new Stretch(this.whole, from, this.end);
    else this.nextEnd();
  }
}
