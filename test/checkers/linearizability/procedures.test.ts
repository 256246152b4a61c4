import { describe, expect, test } from 'vitest';
import type { History } from '../../../checkers/history/history.ts';
import { checkLinearizability } from '../../../checkers/linearizability/linearizability.ts';
import { models } from '../../../checkers/models/models.ts';
import { generatedHistory, type Workload } from '../../bench/checkers/generator.ts';
import { Random } from './random.ts';

const perKind = Number(process.env.FAULTLINE_SWEEP ?? 150);
const cas = { read: 0.4, write: 0.2, cas: 0.4 };

type Kind = Pick<Workload, 'object' | 'model' | 'values' | 'mix'> & { readonly operationsMax?: number };

/** Shapes that some procedure decides, and some that all leave to the search. */
const kinds: readonly Kind[] = [
  { object: 'cell', model: 'register' },
  { object: 'cell', model: 'kv', mix: cas },
  { object: 'cell', model: 'cas-register', mix: cas, values: 40 },
  { object: 'queue', model: 'fifo-queue', operationsMax: 60 },
  { object: 'queue', model: 'unordered-queue', operationsMax: 40 },
  { object: 'counter', model: 'counter' },
  { object: 'set', model: 'set', mix: { read: 0.3, write: 0.7, cas: 0 }, operationsMax: 50 },
];

/** Too large for a brute force: two ways to decide that share no code but the reading of the history. */
describe('on longer histories, whatever decides a part agrees with the search', () => {
  test.each(kinds)('$model, values $values', { timeout: 3_600_000 }, (kind) => {
    const count: Record<string, number> = { pass: 0, violation: 0, undecided: 0 };
    for (let seed = 1; seed <= perKind; seed++) {
      const history = generated(kind, seed);
      const model = models.get(kind.model)!;
      const fast = checkLinearizability(model, history, { explain: 0 }).verdict.kind;
      const searched = checkLinearizability(model, history, { explain: 0, searchOnly: true, stepLimit: 40_000 }).verdict
        .kind;
      count[searched]!++;
      if (searched !== 'undecided') expect(fast, `${kind.model}, seed ${seed}`).toBe(searched);
    }
    if (process.env.FAULTLINE_SWEEP) console.log(kind.model, JSON.stringify(count));
    expect(count.pass).toBeGreaterThan(perKind / 10);
    expect(count.violation).toBeGreaterThan(perKind / 10);
    expect(count.undecided).toBeLessThan(perKind / 5);
  });
});

/** Of every second history one answer is false, somewhere; a few processes, some of whose answers never come. */
function generated({ operationsMax = 200, ...kind }: Kind, seed: number): History {
  const random = new Random(seed);
  const workload: Workload = {
    ...kind,
    name: '',
    operations: 20 + random.below(operationsMax - 20),
    processes: 2 + random.below(7),
    keys: 1 + random.below(2),
    unknown: random.pick([0, 0, 0.05]),
    think: random.pick([0, 1]),
    ...(random.chance(0.5) ? { lieAt: random.fraction() } : {}),
  };
  return generatedHistory(workload, seed);
}
