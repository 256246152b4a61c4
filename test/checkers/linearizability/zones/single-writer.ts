import type { Value } from '../../../../checkers/history/operation.ts';
import { generated } from '../generated.ts';
import { objects, type SequentialObject } from '../objects.ts';
import { Random } from '../random.ts';
import type { Call } from '../recording.ts';

const cell = objects.find(({ model }) => model === 'cas-register')!;

/** What clients ask for, by name: weights of reads, writes, compare-and-sets that may match, and hopeless ones. */
export const mixtures = {
  register: [4, 4, 0, 0],
  chains: [3, 1, 6, 0],
  mixed: [4, 3, 4, 1],
  denials: [2, 3, 3, 6],
} as const;

export type Mixture = keyof typeof mixtures;

/**
 * A compare-and-set register whose clients never write a value twice, nearly: one call in `slips` writes an old value,
 * the initial one, or exchanges a value for itself.
 */
function uniqueCell(mixture: Mixture, slips: number): SequentialObject {
  const [reads, writes, exchanges, denials] = mixtures[mixture];
  const kinds = [...'r'.repeat(reads), ...'w'.repeat(writes), ...'c'.repeat(exchanges), ...'d'.repeat(denials)];
  const written: Value[] = [null];
  return {
    ...cell,
    ask(random) {
      const kind = random.pick(kinds);
      if (kind === 'r') return { f: 'read' };
      const recent = written[Math.max(0, written.length - 1 - random.below(2))]!;
      const from = kind === 'd' ? random.pick([...written, 0, 1, 2, 3]) : recent;
      const to = random.below(slips) === 0 ? random.pick([from, ...written]) : written.length - 1;
      if (kind === 'd' && random.chance(0.3)) return { f: 'cas', input: [from, written.length - 1] };
      if (!written.includes(to)) written.push(to);
      return kind === 'w' ? { f: 'write', input: to } : { f: 'cas', input: [from, to] };
    },
  };
}

/** The calls of one seed, and the object that they were asked of. */
export function singleWriterCalls(mixture: Mixture, seed: number, callsMax: number): readonly Call[] {
  return generated(uniqueCell(mixture, new Random(seed).pick([15, 60, 1e9])), seed, callsMax);
}

export const judging: SequentialObject = cell;
