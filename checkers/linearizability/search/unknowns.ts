import type { Window } from './window.ts';

/**
 * The operations of unknown outcome, grouped by letter. Of those with the same letter the first invoked goes first
 * (R5): whoever uses a later one may use this one as well.
 */
export class Unknowns {
  readonly groupCount: number;
  /** By operation: its group, or -1 for a definite one. */
  readonly groupOf: Int32Array;
  private readonly members: readonly (readonly number[])[];
  /** By group: the first member that is not linearized. */
  private readonly heads: Int32Array;

  constructor({ ops, letters, unknown }: Window) {
    const groups = new Map<number, number>();
    const members: number[][] = [];
    this.groupOf = new Int32Array(unknown.length === 0 ? 0 : ops.length).fill(-1);
    for (const op of unknown) {
      const letter = letters[op]!;
      const group = groups.get(letter) ?? members.push([]) - 1;
      groups.set(letter, group);
      this.groupOf[op] = group;
      members[group]!.push(op);
    }
    this.members = members;
    this.groupCount = members.length;
    this.heads = new Int32Array(members.length);
  }

  get bytes(): number {
    return 4 * this.groupOf.length + 64 * this.groupCount;
  }

  /** The member of a group to be used next, or -1. It may not have been invoked yet. */
  next(group: number): number {
    return this.members[group]![this.heads[group]!] ?? -1;
  }

  /** Any member of a group: what it does, they all do. */
  sample(group: number): number {
    return this.members[group]![0]!;
  }

  /** The next member of its group has been used. */
  use(op: number): void {
    this.heads[this.groupOf[op]!]!++;
  }

  takeBack(op: number): void {
    this.heads[this.groupOf[op]!]!--;
  }
}
