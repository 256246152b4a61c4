import { ValueTable } from '../../history/values.ts';
import type { Effect, Key } from '../../models/model.ts';

/** Codes of what an operation does; see `Effect`. */
export const OPAQUE = 0;
export const OBSERVES = 1;
export const DENIES = 2;
export const WRITES = 3;
export const EXCHANGES = 4;
export const REPLACES = 5;
export const MAY_EXCHANGE = 6;

/** In place of a value. */
export const NO_VALUE = -1;

/** A value that no operation names. */
export const UNHEARD_OF = 0;

/** The effects of letters, in columns of numbers. The values are the keys of states, numbered. */
export class EffectColumns {
  readonly kinds: number[] = [];
  /** The value that is needed (`OBSERVES`, `EXCHANGES`, `MAY_EXCHANGE`) or that must not be there (`DENIES`, `REPLACES`). */
  readonly needs: number[] = [];
  readonly makes: number[] = [];
  private readonly values = new ValueTable();

  /** How many different values there are, with the one unheard of. */
  get valueCount(): number {
    return 1 + this.values.size;
  }

  /** The number of the value that states with this key hold. */
  valueOf(key: Key): number {
    return 1 + this.values.intern(key);
  }

  push(effect: Effect | undefined): void {
    const { kind, needs, makes } = this.encoded(effect);
    this.kinds.push(kind);
    this.needs.push(needs);
    this.makes.push(makes);
  }

  private encoded(effect: Effect | undefined): { kind: number; needs: number; makes: number } {
    switch (effect?.kind) {
      case undefined:
        return { kind: OPAQUE, needs: NO_VALUE, makes: NO_VALUE };
      case 'observes':
        return { kind: OBSERVES, needs: this.valueOf(effect.needs), makes: NO_VALUE };
      case 'denies':
        return { kind: DENIES, needs: this.valueOf(effect.unlike), makes: NO_VALUE };
      case 'writes':
        return { kind: WRITES, needs: NO_VALUE, makes: this.valueOf(effect.makes) };
      case 'exchanges':
        return { kind: EXCHANGES, needs: this.valueOf(effect.needs), makes: this.valueOf(effect.makes) };
      case 'replaces':
        return { kind: REPLACES, needs: this.valueOf(effect.unlike), makes: this.valueOf(effect.makes) };
      case 'may-exchange':
        return { kind: MAY_EXCHANGE, needs: this.valueOf(effect.needs), makes: this.valueOf(effect.makes) };
      default:
        return effect satisfies never;
    }
  }
}
