import { ABSENT } from './absent.ts';
import type { GivenUp, History, NamedEvent, Operation } from './history.ts';
import type { Names } from './names.ts';
import type { Outcome, Value } from './operation.ts';
import type { RareColumn } from './rare-column.ts';
import type { ValueTable } from './values.ts';

/** The part of a history that is data. */
export type Plain = Omit<History, 'precedes' | 'node' | 'phase' | 'error' | 'index' | 'operation'>;

/** What few histories have, by operation. */
export interface Rare {
  /** The texts of `nodes` and `phases`. */
  readonly labels: Names;
  readonly nodes: RareColumn;
  readonly phases: RareColumn;
  readonly errors: RareColumn;
  readonly indexes: RareColumn;
}

const outcomes: readonly Outcome[] = ['ok', 'failed', 'unknown'];

/** A history as its builder leaves it. */
export class Columns implements History {
  readonly length: number;
  readonly eventCount: number;
  readonly timed: boolean;
  readonly process: Int32Array;
  readonly f: Int32Array;
  readonly key: Int32Array;
  readonly input: Int32Array;
  readonly output: Int32Array;
  readonly result: Int32Array;
  readonly outcome: Uint8Array;
  readonly invokedAt: Int32Array;
  readonly completedAt: Int32Array;
  readonly invokedNs: Float64Array;
  readonly completedNs: Float64Array;
  readonly names: Names;
  readonly keys: ValueTable;
  readonly values: ValueTable;
  readonly named: readonly NamedEvent[];
  readonly givenUp: GivenUp;
  private readonly rare: Rare;

  constructor(plain: Plain, rare: Rare) {
    this.length = plain.length;
    this.eventCount = plain.eventCount;
    this.timed = plain.timed;
    this.process = plain.process;
    this.f = plain.f;
    this.key = plain.key;
    this.input = plain.input;
    this.output = plain.output;
    this.result = plain.result;
    this.outcome = plain.outcome;
    this.invokedAt = plain.invokedAt;
    this.completedAt = plain.completedAt;
    this.invokedNs = plain.invokedNs;
    this.completedNs = plain.completedNs;
    this.names = plain.names;
    this.keys = plain.keys;
    this.values = plain.values;
    this.named = plain.named;
    this.givenUp = plain.givenUp;
    this.rare = rare;
  }

  precedes(a: number, b: number): boolean {
    return this.completedAt[a]! < this.invokedAt[b]!;
  }

  node(op: number): string | undefined {
    const id = this.rare.nodes.get(op);
    return id === ABSENT ? undefined : this.rare.labels.get(id);
  }

  phase(op: number): string | undefined {
    const id = this.rare.phases.get(op);
    return id === ABSENT ? undefined : this.rare.labels.get(id);
  }

  error(op: number): Value | undefined {
    const id = this.rare.errors.get(op);
    return id === ABSENT ? undefined : this.values.get(id);
  }

  index(op: number): number {
    const index = this.rare.indexes.get(op);
    return index === ABSENT ? this.invokedAt[op]! : index;
  }

  operation(op: number): Operation {
    if (!(op >= 0 && op < this.length)) throw new RangeError(`no operation ${op}; there are ${this.length}`);
    const node = this.node(op);
    const phase = this.phase(op);
    const error = this.error(op);
    return {
      op,
      index: this.index(op),
      process: this.process[op]!,
      f: this.names.get(this.f[op]!),
      ...(this.key[op] === ABSENT ? {} : { key: this.keys.get(this.key[op]!) }),
      ...(this.input[op] === ABSENT ? {} : { input: this.values.get(this.input[op]!) }),
      ...(this.output[op] === ABSENT ? {} : { output: this.values.get(this.output[op]!) }),
      ...(this.result[op] === ABSENT ? {} : { result: this.values.get(this.result[op]!) }),
      outcome: outcomes[this.outcome[op]!]!,
      ...(node === undefined ? {} : { node }),
      ...(phase === undefined ? {} : { phase }),
      ...(error === undefined ? {} : { error }),
      invokedNs: this.invokedNs[op]!,
      completedNs: this.completedNs[op]!,
    };
  }
}
