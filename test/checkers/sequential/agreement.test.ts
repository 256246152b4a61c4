import { describe, expect, test } from 'vitest';
import { checkLinearizability } from '../../../checkers/linearizability/linearizability.ts';
import { models } from '../../../checkers/models/models.ts';
import { checkSequential } from '../../../checkers/sequential/sequential.ts';
import { generated } from '../linearizability/generated.ts';
import { objects } from '../linearizability/objects.ts';
import { Random } from '../linearizability/random.ts';
import { recordShared, sequentiallyExplainable, shared } from './brute-force.ts';

const perModel = Number(process.env.FAULTLINE_SWEEP ?? 1000);
const callsMax = 8;
const untimed = objects.filter(({ model }) => !models.get(model)!.timed);

describe('sequential consistency agrees with its definition', () => {
  for (const object of untimed) {
    for (const failedCas of ['ignore', 'assert'] as const) {
      test(`${object.model}, failed compare-and-sets: ${failedCas}`, { timeout: 3_600_000 }, () => {
        const count = { pass: 0, violation: 0, undecided: 0 };
        for (let seed = 1; seed <= perModel; seed++) {
          const calls = shared(generated(object, seed, callsMax), new Random(seed));
          const history = recordShared(calls);
          const model = models.get(object.model)!;
          const found = checkSequential(model, history, { failedCas });
          const legal = sequentiallyExplainable(object, calls, failedCas);
          const context = `seed ${seed}: ${JSON.stringify(calls)}\n${JSON.stringify(found)}`;
          if (found.verdict.kind !== (legal ? 'pass' : 'violation')) throw new Error(`wrong; ${context}`);
          if (legal && !inProgramOrder(found.order!, calls)) throw new Error(`out of order; ${context}`);
          // Linearizability asks for more (Herlihy and Wing 1990, section 3.3).
          if (!legal && checkLinearizability(model, history, { failedCas }).verdict.kind === 'pass') {
            throw new Error(`linearizable, but not sequentially consistent; ${context}`);
          }
          count[found.verdict.kind]++;
        }
        expect(count.pass).toBeGreaterThan(perModel / 8);
        expect(count.violation).toBeGreaterThan(perModel / 20);
      });
    }
  }
});

/** Each definite operation once, and those of a process in its own order. */
function inProgramOrder(order: readonly number[], calls: ReturnType<typeof shared>): boolean {
  const last = new Map<number, number>();
  for (const op of order) {
    const { process } = calls[op]!;
    if ((last.get(process) ?? -1) >= op) return false;
    last.set(process, op);
  }
  return calls.every(({ call }, op) => call.outcome !== 'ok' || order.includes(op));
}
