import type { Value } from '../history/operation.ts';
import type { Key } from '../models/model.ts';
import { keyOf, show } from '../models/value.ts';
import type { Call } from './call.ts';

/** All that was done with one value that was there for certain: a call on it has returned. */
interface Block {
  readonly value: Value;
  /** The first return of a call on this value. */
  readonly first: number;
  /** The last invocation of such a call, the write's included. */
  last: number;
}

/** What a call has shown: why nothing explains it, or that the values are not what zones can judge. */
export type Shown = { readonly kind: 'impossible'; readonly why: string } | { readonly kind: 'beyond' } | undefined;

const beyond: Shown = { kind: 'beyond' };

/**
 * Reads and writes of one register whose values have one possible writer each, judged by zones (Gibbons and Korach
 * 1997; CHECKERS 2.1) as they come in, in O(blocks held) a return and exactly at the return that shows the violation.
 *
 * The calls on one value are a block, with `first` = its first return and `last` = its last invocation; they stand
 * together in every order. Block X must precede block Y exactly if X.first < Y.last, and the history is linearizable
 * exactly if no two blocks must precede each other. `first` is settled by the first return; `last` grows.
 *
 * What may be forgotten. Let W be the invocation of the oldest open call: whatever returns from now on was invoked at W
 * or later. X is *dead* if X.first < Y.last and Y.first < W for some other Y: any further call on X would make X.last >=
 * W > Y.first, a violation. A dead X with X.first < W is forgotten. Nothing is lost: (1) a call on X's value is a
 * violation, and is one when the value is not found; (2) as for another block Z, X.last is settled, so Z must precede X
 * exactly if Z.first < X.last; if it must, then Z is dead, since X.first < W, and any further call on Z is a violation,
 * because its Z.last >= W > X.first. So of all forgotten blocks only the largest `last` needs to be known: Z is dead
 * exactly if `Z.first` is below it (or below that of a block still held). What is dead and not forgotten yet (its first
 * return is not before W) stays until W has passed. A value whose block is dead may be written anew: no later call can
 * mean the old one.
 *
 * A call of unknown outcome is open until its `info` and holds nothing back after it; if it wrote a value, the value is
 * remembered until it is read and overwritten, since it may take effect at any time.
 */
export class Zones {
  private readonly blocks = new Map<Key, Block>();
  /** Writes that were invoked, and of whose values no call has returned: by value, the place of the invocation. */
  private readonly pending = new Map<Key, number>();
  /** The largest `last` of the blocks forgotten so far. */
  private forgottenLast = -1;

  /** The register holds this value, and whatever was before is over. */
  constructor(initial: Value) {
    this.blocks.set(keyOf(initial), { value: initial, first: -1, last: -1 });
  }

  /** Blocks held. */
  get size(): number {
    return this.blocks.size;
  }

  /** Writes of which it is not known whether they take effect. */
  get pendingWrites(): number {
    return this.pending.size;
  }

  /** A write was invoked; `oldest`: the invocation of the oldest open call, itself included. */
  write({ input, invokedAt }: Call, oldest: number): Shown {
    const key = keyOf(input!);
    const block = this.blocks.get(key);
    // Two possible writers, unless the value is gone for good and this one brings it back.
    if (this.pending.has(key) || (block !== undefined && !this.forget(key, block, oldest))) return beyond;
    this.pending.set(key, invokedAt);
    return undefined;
  }

  /** A write returned. */
  wrote({ input, invokedAt, returnedAt }: Call): Shown {
    return this.seen(input!, invokedAt, returnedAt);
  }

  /** A read returned. */
  read({ output, invokedAt, returnedAt }: Call): Shown {
    return this.seen(output!, invokedAt, returnedAt);
  }

  /** A write failed: nobody can have read its value. */
  failed({ input }: Call): Shown {
    if (this.pending.delete(keyOf(input!))) return undefined;
    return { kind: 'impossible', why: `${show(input)} was read, and its only write failed` };
  }

  /** Forgets what no later call can concern. */
  sweep(oldest: number): void {
    for (const [key, block] of this.blocks) this.forget(key, block, oldest);
  }

  /** The value that the register holds, if there is only one that it can hold and nothing open can change it. */
  get settledValue(): { readonly value: Value } | undefined {
    if (this.blocks.size !== 1 || this.pending.size > 0) return undefined;
    const [block] = this.blocks.values();
    return { value: block!.value };
  }

  /** A call on the value, invoked then, has returned now. */
  private seen(value: Value, invokedAt: number, returnedAt: number): Shown {
    const key = keyOf(value);
    const block = this.blocks.get(key);
    if (block === undefined) return this.firstSeen(key, value, invokedAt, returnedAt);
    if (invokedAt > block.last) block.last = invokedAt;
    if (block.first < this.forgottenLast) return gone(value);
    for (const other of this.blocks.values()) {
      if (other !== block && block.first < other.last && other.first < block.last) return clash(block, other);
    }
    return undefined;
  }

  /** No block has to come after the new one yet: it first returns after every invocation so far. */
  private firstSeen(key: Key, value: Value, invokedAt: number, returnedAt: number): Shown {
    const writtenFrom = this.pending.get(key);
    if (writtenFrom === undefined) return gone(value);
    this.pending.delete(key);
    this.blocks.set(key, { value, first: returnedAt, last: Math.max(writtenFrom, invokedAt) });
    return undefined;
  }

  /** True if the block has been forgotten. */
  private forget(key: Key, block: Block, oldest: number): boolean {
    if (block.first >= oldest || !this.isDead(block, oldest)) return false;
    this.blocks.delete(key);
    if (block.last > this.forgottenLast) this.forgottenLast = block.last;
    return true;
  }

  private isDead(block: Block, oldest: number): boolean {
    if (block.first < this.forgottenLast) return true;
    for (const other of this.blocks.values()) {
      if (other !== block && other.first < oldest && block.first < other.last) return true;
    }
    return false;
  }
}

const gone = (value: Value): Shown => ({
  kind: 'impossible',
  why: `${show(value)} was never written, or it had been overwritten for good`,
});

const clash = (a: Block, b: Block): Shown => ({
  kind: 'impossible',
  why: `${show(a.value)} must have come before ${show(b.value)}, and ${show(b.value)} before ${show(a.value)}`,
});
