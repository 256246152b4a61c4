/** Which calls of unknown outcome a configuration has made use of: sets of small numbers, themselves as numbers. */
export class UsedSets {
  /** The number of the empty set. */
  static readonly none = 0;
  private readonly sets: (readonly number[])[] = [[]];
  private readonly numbers = new Map<string, number>([['', 0]]);

  get size(): number {
    return this.sets.length;
  }

  /** Ascending. */
  members(set: number): readonly number[] {
    return this.sets[set]!;
  }

  has(set: number, member: number): boolean {
    return set !== UsedSets.none && this.sets[set]!.includes(member);
  }

  /** The set with one more member. */
  with(set: number, member: number): number {
    return this.numberOf([...this.sets[set]!, member]);
  }

  numberOf(members: readonly number[]): number {
    const sorted = members.toSorted((a, b) => a - b);
    const text = sorted.join();
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    this.numbers.set(text, this.sets.length);
    return this.sets.push(sorted) - 1;
  }

  isSubset(a: number, b: number): boolean {
    if (a === b || a === UsedSets.none) return true;
    const larger = this.sets[b]!;
    return this.sets[a]!.every((member) => larger.includes(member));
  }
}
