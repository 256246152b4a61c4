import type { Configuration } from './configuration.ts';
import { type Moves, rank } from './moves.ts';
import { NO_OPERATION } from './pending.ts';
import type { Setting } from './setting.ts';
import { REFUSED } from './transitions.ts';

/** Finds the moves worth trying in a configuration, besides letting the blocked operation go directly. */
export class Choices {
  private readonly setting: Setting;
  private readonly configuration: Configuration;
  private readonly moves: Moves;

  constructor(setting: Setting, configuration: Configuration, moves: Moves) {
    this.setting = setting;
    this.configuration = configuration;
    this.moves = moves;
  }

  /** Puts them on the stack of moves, the best last (R2). */
  list(blocked: number): void {
    const { moves } = this;
    const { covers, cell, wants, timing } = this.setting;
    const { pending, position, state } = this.configuration;
    const from = moves.count;
    wants?.update(position, state, pending);
    for (let slot = 0; slot < pending.ops.length; slot++) {
      const op = pending.ops[slot]!;
      if (op === NO_OPERATION || op === blocked || pending.isObserver(op)) continue;
      if (pending.has(pending.linearized, op)) continue;
      if (covers && pending.isWrite(op) && !wants!.served(op, state, cell!.makes[op]!)) continue;
      this.push(op, blocked, timing.returns[op]!);
    }
    if (this.configuration.unknownOpen > 0) this.listUnknown(blocked);
    moves.sort(from);
  }

  private listUnknown(blocked: number): void {
    const { unknowns, wants, cell, reductions } = this.setting;
    if (wants === undefined || !reductions.wanted) {
      for (let group = 0; group < unknowns.groupCount; group++) this.listNext(group, blocked);
      return;
    }
    for (const group of wants.candidates()) {
      const sample = unknowns.sample(group);
      if (wants.served(sample, this.configuration.state, cell!.makes[sample]!)) this.listNext(group, blocked);
    }
  }

  private listNext(group: number, blocked: number): void {
    const { unknowns, timing, part } = this.setting;
    const op = unknowns.next(group);
    if (op >= 0 && timing.calls[op]! < this.configuration.position) this.push(op, blocked, -1 - part.slots[op]!);
  }

  private push(op: number, blocked: number, urgency: number): void {
    const { configuration } = this;
    const { steps, part, covers, reductions } = this.setting;
    const { state, pending } = configuration;
    const unknown = part.slots[op]! < 0;
    const next = steps.step(state, op);
    if (next === REFUSED || configuration.absorbs(op, next)) return;
    if (unknown && next === state && !(covers && pending.hasUncovered())) return;
    if (reductions.twins && this.twinReturnsBefore(op)) return;
    this.moves.push(op, next, rank(steps.step(next, blocked) !== REFUSED, unknown, urgency));
  }

  /** R5: a pending definite operation with the same letter returns earlier (an unknown one never returns). */
  private twinReturnsBefore(op: number): boolean {
    const { ops, linearized } = this.configuration.pending;
    const { letters, slots, optional } = this.setting.part;
    const { returns } = this.setting.timing;
    const definite = slots[op]! >= 0;
    for (let slot = 0; slot < ops.length; slot++) {
      const other = ops[slot]!;
      if (other === NO_OPERATION || letters[other] !== letters[op] || returns[other]! >= returns[op]!) continue;
      if (definite && optional !== undefined && optional[other] !== optional[op]) continue;
      if (((linearized[slot >>> 5]! >>> (slot & 31)) & 1) === 0) return true;
    }
    return false;
  }
}
