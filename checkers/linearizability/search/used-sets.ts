import { TupleTable } from './tuple-table.ts';

/** The members in a leaf: two words of bits. */
const leafBits = 6;

/**
 * Sets of unknown operations that a search has made use of, as numbers: equal sets have equal numbers, and 0 is the
 * empty set. Binary tries over the bits of a member, whose equal parts are stored once (hash-consing): one member more
 * costs O(log size) time and memory, and two sets are compared only where they differ.
 */
export class UsedSets {
  private readonly height: number;
  private readonly nodes = new TupleTable(2);

  /** Sets of numbers below `size`. */
  constructor(size: number) {
    this.height = Math.max(0, Math.ceil(Math.log2(size)) - leafBits);
    this.nodes.intern(); // (0, 0): the empty leaf, and every node with nothing below it
  }

  get bytes(): number {
    return this.nodes.bytes;
  }

  /** How many bytes more the next `with` may take: 0 while there is room. */
  get growth(): number {
    return this.nodes.growthFor(this.height + 1);
  }

  /** The set with one more member. */
  with(set: number, member: number): number {
    return this.extended(set, member, this.height);
  }

  isSubset(a: number, b: number): boolean {
    return this.within(a, b, this.height);
  }

  private extended(node: number, member: number, height: number): number {
    const { nodes } = this;
    let left = nodes.word(node, 0);
    let right = nodes.word(node, 1);
    if (height === 0) {
      if ((member & 32) === 0) left |= 1 << (member & 31);
      else right |= 1 << (member & 31);
    } else if (((member >>> (leafBits + height - 1)) & 1) === 0) left = this.extended(left, member, height - 1);
    else right = this.extended(right, member, height - 1);
    nodes.probe[0] = left;
    nodes.probe[1] = right;
    return nodes.intern();
  }

  private within(a: number, b: number, height: number): boolean {
    if (a === b || a === 0) return true;
    const { nodes } = this;
    if (height === 0) {
      return (nodes.word(a, 0) & ~nodes.word(b, 0)) === 0 && (nodes.word(a, 1) & ~nodes.word(b, 1)) === 0;
    }
    return (
      this.within(nodes.word(a, 0), nodes.word(b, 0), height - 1) &&
      this.within(nodes.word(a, 1), nodes.word(b, 1), height - 1)
    );
  }
}
