import { expect, test } from 'vitest';
import { spelled } from '../../../../checkers/linearizability/explain/laws/laws.ts';
import { contradiction, type Precedence } from '../../../../checkers/linearizability/explain/precedence.ts';
import { explainable } from '../brute-force.ts';
import { generated } from '../generated.ts';
import { objects } from '../objects.ts';
import { type Call, inOrder } from '../recording.ts';
import { questionsOf } from './questions.ts';

const runs = Number(process.env.FAULTLINE_SWEEP ?? 4000);

/** Writes get values of their own, and reads the value of some write: every value has one writer. */
const withUniqueValues = (calls: readonly Call[], shift: number): Call[] => {
  const writes = calls.filter(({ f }) => f === 'write');
  return calls.map((call, i) => {
    if (call.f === 'write') return { ...call, input: 10 + writes.indexOf(call) };
    if (call.outcome !== 'ok' || writes.length === 0) return call;
    return { ...call, output: (i + shift) % 5 === 0 ? null : 10 + ((i + shift) % writes.length) };
  });
};

const steps = ({ because }: Precedence): number =>
  1 +
  ('premise' in because ? steps(because.premise) : 0) +
  ('premises' in because ? steps(because.premises[0]) + steps(because.premises[1]) : 0);

test('a contradiction of precedences is found exactly where there is no order, if values are unique', () => {
  const object = objects.find(({ model }) => model === 'register')!;
  const count = { legal: 0, cycle: 0, unmade: 0 };
  for (let seed = 1; seed <= runs; seed++) {
    const calls = withUniqueValues(generated(object, seed, 9), seed).map(({ key: _, ...call }) => call);
    for (const question of questionsOf('register', calls)) {
      const clash = contradiction(spelled(question)!);
      const legal = explainable(object, calls, { failedCas: 'ignore' });
      count[clash?.kind ?? 'legal']++;
      if (legal !== (clash === undefined)) throw new Error(`seed ${seed}: ${JSON.stringify(inOrder(calls))}`);
      if (clash?.kind === 'cycle') expect(steps(clash.forth) + steps(clash.back)).toBeLessThan(60);
    }
  }
  expect(count.legal).toBeGreaterThan(runs / 20);
  expect(count.cycle).toBeGreaterThan(runs / 20);
});
