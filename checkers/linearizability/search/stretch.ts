import type { Cell } from './cell.ts';
import { EXCHANGES, MAY_EXCHANGE, NO_VALUE, OBSERVES, UNHEARD_OF } from './effects.ts';
import type { Alphabet } from './letters.ts';
import type { Search } from './search.ts';
import type { Timing } from './timing.ts';
import { dropUnobservable } from './unobservable.ts';
import { type Window, windowOf } from './window.ts';

/** What a stretch is cut from. */
export interface Whole {
  readonly window: Window;
  readonly alphabet: Alphabet;
  readonly cell: Cell;
  readonly timing: Timing;
  /** Makes a search over a window that starts from a value (by number in the alphabet's effects). */
  search(window: Window, initial: number): Search;
}

/**
 * A stretch of a part, judged by itself: the operations that are invoked and return within it, on an object that holds
 * anything at first. Those open at its beginning may happen before they return, or have happened already; those open at
 * its end, and those of unknown outcome, may happen or not. If no first value lets this be explained, the whole part
 * cannot be explained either: from any order that explains it, take what it does during the stretch.
 */
export class Stretch {
  private readonly whole: Whole;
  private readonly window: Window;
  private readonly roots: readonly number[];
  private root = 0;
  private search: Search | undefined;

  /** Positions `from` to `end`, without `end`. O(its length + what is open at `from`). */
  constructor(whole: Whole, from: number, end: number) {
    const { window, timing, alphabet } = whole;
    const within = window.events.subarray(from, end);
    const before = openAt(whole, from);
    const invoked = [...before, ...within.filter((event) => (event & 1) === 0).map((event) => event >>> 1)];
    const numbers = new Map(invoked.map((op, number) => [op, number]));
    const definite = Uint8Array.from(invoked, (op) => (timing.returns[op]! < end ? 1 : 0));
    const optional = Uint8Array.from(invoked, (op) => (timing.calls[op]! < from ? 1 : 0));
    const isKept = (event: number) => (event & 1) === 0 || numbers.has(event >>> 1);
    const events = [
      ...before.map((_, number) => 2 * number),
      ...Array.from(within.filter(isKept), (event) => 2 * numbers.get(event >>> 1)! + (event & 1)),
    ];
    const letters = Int32Array.from(invoked, (op) => window.letters[op]!);
    const part = { definite, events: Int32Array.from(events) };
    dropUnobservable(part, letters, alphabet.effects);
    this.whole = whole;
    this.window = windowOf(part, letters, optional);
    this.roots = this.possibleRoots(alphabet);
  }

  get bytes(): number {
    return 64 * this.window.ops.length + (this.search?.bytes ?? 0);
  }

  /** Searches on from the first values that are left, for about as many steps as the budget says. */
  run(budget: number): 'refuted' | 'explained' | 'paused' {
    for (; this.root < this.roots.length; this.root++) {
      this.search ??= this.whole.search(this.window, this.roots[this.root]!);
      const progress = this.search.run(budget);
      if (progress === 'linearizable') return 'explained';
      if (progress !== 'stuck') return 'paused';
      this.search = undefined;
    }
    return 'refuted';
  }

  /** The first values that make a difference: those that somebody needs, and one that nobody knows. */
  private possibleRoots({ effects }: Alphabet): number[] {
    const { letters } = this.window;
    const needed = new Set<number>();
    for (const letter of letters) {
      const kind = effects.kinds[letter]!;
      if (kind === OBSERVES || kind === EXCHANGES || kind === MAY_EXCHANGE) needed.add(effects.needs[letter]!);
    }
    return [UNHEARD_OF, ...needed];
  }
}

/**
 * The operations that are open at a position, and may have an effect after it, in order of invocation. O(unknown
 * operations, and those invoked since the first of the definite ones).
 */
function openAt({ window, cell, timing }: Whole, position: number): number[] {
  const { calls, returns } = timing;
  const invoked = countBelow(calls, position);
  const unknown = window.unknown.filter((op) => op < invoked);
  // Every event before the position was an invocation or a return.
  let definite = 2 * invoked - position - unknown.length;
  const open = [...unknown];
  for (let op = invoked - 1; definite > 0; op--) {
    if (window.slots[op]! < 0 || returns[op]! < position) continue;
    open.push(op);
    definite--;
  }
  return open.filter((op) => cell.makes[op] !== NO_VALUE).sort((a, b) => a - b);
}

/** How many of the ascending numbers are below the limit. */
function countBelow(numbers: Int32Array, limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
