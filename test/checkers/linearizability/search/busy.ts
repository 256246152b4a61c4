import type { Value } from '../../../../checkers/history/operation.ts';
import { Random } from '../random.ts';
import type { Call } from '../recording.ts';

/** What a cell is asked, and how: shares of the whole, the rest are compare-and-sets. */
export interface Mix {
  readonly operations: number;
  readonly processes: number;
  /** Values 0 to `values` - 1 are written; without it every write has its own. */
  readonly values?: number;
  readonly reads: number;
  readonly writes: number;
  /** The share of compare-and-sets that name the value that is there. */
  readonly matching?: number;
  readonly unknown?: number;
  /** The share of reads that answer something else. */
  readonly lies?: number;
  /** After so many operations everybody waits for everybody else, and then a value is read that cannot be there. */
  readonly contradictedAfter?: number;
}

interface Open {
  readonly f: 'read' | 'write' | 'cas';
  readonly input?: Value;
  readonly invokedAt: number;
  answer?: { output?: Value; result?: boolean };
}

/** A cell, null at first, asked by as many clients as there are processes, all of them always busy. */
export function busyCalls(mix: Mix, seed: number): Call[] {
  const random = new Random(seed);
  const calls: Call[] = [];
  const open = new Array<Open | undefined>(mix.processes).fill(undefined);
  let held: Value = null;
  let fresh = 0;
  let now = 0;
  const value = () => (mix.values === undefined ? ++fresh : random.below(mix.values));

  const ask = (): Open => {
    const which = random.fraction();
    if (which < mix.reads) return { f: 'read', invokedAt: now };
    if (which < mix.reads + mix.writes) return { f: 'write', input: value(), invokedAt: now };
    const from = random.chance(mix.matching ?? 0.5) ? held : value();
    return { f: 'cas', input: [from, value()], invokedAt: now };
  };
  const perform = ({ f, input }: Open): NonNullable<Open['answer']> => {
    if (f === 'read') return { output: random.chance(mix.lies ?? 0) ? value() : held };
    const [from, to] = f === 'write' ? [held, input!] : (input as [Value, Value]);
    const result = from === held;
    if (result) held = to;
    return f === 'write' ? {} : { result };
  };
  const leave = ({ f, input, invokedAt, answer }: Open): Call => {
    const asked = { f, ...(input === undefined ? {} : { input }), invokedAt };
    if (random.chance(mix.unknown ?? 0)) return { ...asked, outcome: 'unknown', returnedAt: Number.POSITIVE_INFINITY };
    return { ...asked, ...answer, outcome: 'ok', returnedAt: now };
  };

  for (let asked = 0; asked < mix.operations || open.some((call) => call !== undefined); now++) {
    const process = random.below(mix.processes);
    const call = open[process];
    if (call === undefined) {
      const waits = asked === mix.contradictedAfter && open.some((other) => other !== undefined);
      if (asked === mix.operations || waits) continue;
      if (asked === mix.contradictedAfter) {
        calls.push({ f: 'write', input: 0, outcome: 'ok', invokedAt: now, returnedAt: now + 0.25 });
        calls.push({ f: 'read', output: 1, outcome: 'ok', invokedAt: now + 0.5, returnedAt: now + 0.75 });
        held = 0;
        now++;
      }
      asked++;
      open[process] = ask();
    } else if (call.answer === undefined) call.answer = perform(call);
    else {
      calls.push(leave(call));
      open[process] = undefined;
    }
  }
  return calls;
}
