import { Cell } from './cell.ts';
import { GrowthLookAhead } from './growth.ts';
import type { Alphabet } from './letters.ts';
import { LookAhead } from './look-ahead.ts';
import type { Reductions } from './reductions.ts';
import { ModelSteps, type Steps } from './steps.ts';
import { type Timing, timingOf } from './timing.ts';
import type { Transitions } from './transitions.ts';
import { Unknowns } from './unknowns.ts';
import { Wants } from './wants.ts';
import type { Window } from './window.ts';

/** What one search works on: the operations, what they do, and what is known about those still to come. */
export class Setting {
  readonly part: Window;
  readonly alphabet: Alphabet;
  readonly transitions: Transitions;
  readonly reductions: Reductions;
  /** Events from this position on were never recorded. */
  readonly end: number;
  readonly timing: Timing;
  /** By operation: 1 while it is linearized. */
  readonly done: Uint8Array;
  readonly steps: Steps;
  readonly unknowns: Unknowns;
  /** These three if the model says what every operation needs and makes. */
  readonly cell: Cell | undefined;
  readonly lookAhead: LookAhead | undefined;
  readonly wants: Wants | undefined;
  readonly growth: GrowthLookAhead | undefined;
  /** R7 is used. */
  readonly covers: boolean;
  /** R4 is used. */
  readonly absorbsDead: boolean;

  /** O(operations). Parameters as those of `Search`. */
  constructor(
    part: Window,
    alphabet: Alphabet,
    transitions: Transitions,
    end: number,
    reductions: Reductions,
    initial: number | undefined,
  ) {
    this.part = part;
    this.alphabet = alphabet;
    this.transitions = transitions;
    this.reductions = reductions;
    this.end = end;
    this.timing = timingOf(part, end);
    this.done = new Uint8Array(part.ops.length);
    this.unknowns = new Unknowns(part);
    this.cell = Cell.of(part, alphabet.effects, transitions, initial);
    this.steps = this.cell ?? new ModelSteps(part, transitions);
    this.covers = this.cell !== undefined && reductions.covered;
    this.absorbsDead = this.cell !== undefined && !this.cell.denied && reductions.deadWrites !== undefined;
    if (this.cell !== undefined) {
      this.lookAhead = new LookAhead(this.cell, this.timing, this.done, part);
      this.wants = new Wants(this.cell, this.unknowns, this.timing.calls);
    } else if (alphabet.model.growth !== undefined && reductions.growth) {
      this.growth = new GrowthLookAhead(part, alphabet, transitions, this.timing, this.done);
    }
  }

  /** Memory held besides what parts share, in bytes. */
  get bytes(): number {
    const { part, steps, unknowns, lookAhead, growth, wants } = this;
    const ahead = (lookAhead?.bytes ?? 0) + (growth?.bytes ?? 0) + (wants?.bytes ?? 0);
    return 9 * part.ops.length + steps.bytes + unknowns.bytes + ahead;
  }
}
