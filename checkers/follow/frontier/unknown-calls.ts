import type { Key } from '../../models/model.ts';
import type { Letter } from '../letter.ts';

/** The calls of unknown outcome that may still take effect, numbered in order of invocation. */
export class UnknownCalls {
  readonly letters: readonly Letter[];
  private readonly own: Letter[] = [];
  /** The latest one of the same kin before it, or -1. */
  private readonly twins: number[] = [];
  private readonly lastOfKin = new Map<string, number>();
  private readonly all: number[] = [];
  /** By the state that they make. */
  private readonly making = new Map<Key, number[]>();
  /** What one of them needs or makes is not simply said. */
  private intricate = false;
  /** The states that one of them starts from. */
  private readonly needed = new Set<Key>();

  constructor(letters: readonly Letter[] = []) {
    this.letters = this.own;
    for (const letter of letters) this.add(letter);
  }

  get count(): number {
    return this.own.length;
  }

  add(letter: Letter): void {
    const n = this.own.push(letter) - 1;
    this.twins.push(this.lastOfKin.get(letter.kin) ?? -1);
    this.lastOfKin.set(letter.kin, n);
    this.all.push(n);
    const { effect } = letter;
    if (effect === undefined || !('makes' in effect) || 'unlike' in effect) {
      this.intricate = true;
      return;
    }
    const others = this.making.get(effect.makes);
    if (others === undefined) this.making.set(effect.makes, [n]);
    else others.push(n);
    if ('needs' in effect) this.needed.add(effect.needs);
  }

  twinBefore(n: number): number {
    return this.twins[n]!;
  }

  /**
   * Those that may be worth a move when the open calls have these demands and the object is in this state. The effect
   * of an unknown call must leave a trace in the next move, or it can be left out (R6 of the search). A write leaves
   * none, a denial only if it was refused before; so somebody must need the very state that the unknown call makes, be
   * it an open call or another unknown one.
   */
  worthTrying(demands: Demands, state: Key): readonly number[] {
    if (this.intricate || demands.intricate || demands.unlike.has(state)) return this.all;
    const found: number[] = [];
    for (const [made, calls] of this.making) {
      if (demands.needed.has(made) || this.needed.has(made)) found.push(...calls);
    }
    return found;
  }
}

/** What the open calls ask of the state. */
export class Demands {
  /** States that one of them needs. */
  readonly needed = new Set<Key>();
  /** States in which one of them is refused. */
  readonly unlike = new Set<Key>();
  /** What one of them asks is not simply said. */
  intricate = false;

  constructor(letters: readonly (Letter | undefined)[]) {
    for (const letter of letters) {
      if (letter === undefined) continue;
      const { effect } = letter;
      if (effect === undefined) this.intricate = true;
      else if ('needs' in effect) this.needed.add(effect.needs);
      else if ('unlike' in effect) this.unlike.add(effect.unlike);
    }
  }
}
