import type { Value } from '../../../checkers/history/operation.ts';
import type { Random } from '../../checkers/linearizability/random.ts';

/** A call as it was asked for. */
export interface Asked {
  readonly f: string;
  readonly value: Value;
}

/** What an ok says: `value` (where a call has an answer) and `result`. */
export interface Answer {
  readonly value?: Value;
  readonly result?: Value;
}

/** A correct object that clients share. */
export interface SharedObject {
  ask(process: number): Asked;
  /** The call takes effect now. */
  apply(asked: Asked, process: number): Answer;
  /** A wrong answer to a call that has taken effect, or `undefined` if this kind of call cannot be answered wrongly. */
  lie(asked: Asked, answer: Answer): Answer | undefined;
}

export interface Mix {
  readonly read: number;
  readonly write: number;
  readonly cas: number;
}

/** A cell with reads, writes and compare-and-sets; every value is written once, or values come from a small domain. */
export class Cell implements SharedObject {
  private held: Value = null;
  private written = 0;
  private readonly random: Random;
  private readonly mix: Mix;
  private readonly domain: number | undefined;

  constructor(random: Random, mix: Mix, domain?: number) {
    this.random = random;
    this.mix = mix;
    this.domain = domain;
  }

  ask(): Asked {
    const dice = this.random.fraction();
    if (dice < this.mix.read) return { f: 'read', value: null };
    if (dice < this.mix.read + this.mix.write) return { f: 'write', value: this.next() };
    const from = this.domain === undefined || this.random.chance(0.5) ? this.held : this.random.below(this.domain);
    return { f: 'cas', value: [from, this.next()] };
  }

  apply({ f, value }: Asked): Answer {
    if (f === 'read') return { value: this.held };
    if (f === 'write') {
      this.held = value;
      return { value };
    }
    const [from, to] = value as readonly [Value, Value];
    const result = this.held === from;
    if (result) this.held = to;
    return { value, result };
  }

  /** Unique values: what was overwritten long ago. A small domain: the next value. */
  lie({ f }: Asked, { value }: Answer): Answer | undefined {
    if (f !== 'read' || typeof value !== 'number') return undefined;
    return { value: this.domain === undefined ? Math.max(0, value - 500) : (value + 1) % this.domain };
  }

  private next(): number {
    return this.domain === undefined ? this.written++ : this.random.below(this.domain);
  }
}

/** A string to which clients append numbered words, as in the kv-append histories of Porcupine. */
export class Log implements SharedObject {
  private text = '';
  private appended = 0;
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  ask(process: number): Asked {
    if (this.random.chance(0.5)) return { f: 'read', value: null };
    return { f: 'append', value: `x ${process} ${this.appended++} y` };
  }

  apply({ f, value }: Asked): Answer {
    if (f === 'append') this.text += value as string;
    return { value: f === 'read' ? this.text : value };
  }

  lie({ f }: Asked, { value }: Answer): Answer | undefined {
    return f === 'read' && value !== '' ? { value: (value as string).slice(0, -1) } : undefined;
  }
}

/** A queue, first in first out. */
export class Queue implements SharedObject {
  private readonly waiting: number[] = [];
  private head = 0;
  private enqueued = 0;
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  ask(): Asked {
    return this.random.chance(0.5) ? { f: 'enqueue', value: this.enqueued++ } : { f: 'dequeue', value: null };
  }

  apply({ f, value }: Asked): Answer {
    if (f === 'enqueue') {
      this.waiting.push(value as number);
      return { value };
    }
    return { value: this.head < this.waiting.length ? this.waiting[this.head++]! : null };
  }

  lie({ f }: Asked, { value }: Answer): Answer | undefined {
    return f === 'dequeue' && value !== null ? { value: Math.max(0, (value as number) - 500) } : undefined;
  }
}

/** A counter; additions answer with the new total. */
export class Counter implements SharedObject {
  private total = 0;
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  ask(): Asked {
    return this.random.chance(0.5) ? { f: 'add', value: 1 + this.random.below(3) } : { f: 'read', value: null };
  }

  apply({ f, value }: Asked): Answer {
    if (f === 'read') return { value: this.total };
    this.total += value as number;
    return { value, result: this.total };
  }

  lie({ f }: Asked, { value }: Answer): Answer | undefined {
    return f === 'read' ? { value: Math.max(0, (value as number) - 500) } : undefined;
  }
}

/** A growing set, read as a whole. */
export class GrowingSet implements SharedObject {
  private readonly elements: number[] = [];
  private added = 0;
  private readonly random: Random;
  private readonly readShare: number;

  constructor(random: Random, readShare: number) {
    this.random = random;
    this.readShare = readShare;
  }

  ask(): Asked {
    return this.random.chance(this.readShare) ? { f: 'read', value: null } : { f: 'add', value: this.added++ };
  }

  apply({ f, value }: Asked): Answer {
    if (f === 'read') return { value: [...this.elements] };
    this.elements.push(value as number);
    return { value };
  }

  lie({ f }: Asked, { value }: Answer): Answer | undefined {
    const list = value as readonly Value[];
    return f === 'read' && list.length > 0 ? { value: list.slice(1) } : undefined;
  }
}
