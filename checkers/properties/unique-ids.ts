import type { Checker } from '../checker.ts';
import { ABSENT, OK } from '../history/history.ts';
import { canonical } from '../history/values.ts';
import { pass, undecided } from '../verdict.ts';
import { Breaches, CannotJudge, property } from './property.ts';

/**
 * No id is handed out twice (Jepsen's `unique-ids`). Every `generate` that is ok names an id in its value.
 *
 * Detects: two acknowledged ids that are equal by structure, whatever their processes and keys. Does not detect: an id
 * that was handed to a client which never learned it (an unknown outcome claims nothing), nor any order of ids.
 *
 * Linear time; 4 bytes a value.
 */
export const uniqueIds = (): Checker =>
  property('unique-ids', (history, budget) => {
    budget.claim(4 * history.values.size);
    const generate = history.names.find('generate');
    const firstOf = new Int32Array(history.values.size).fill(ABSENT);
    const breaches = new Breaches();
    let acknowledged = 0;
    for (let op = 0; op < history.length; op++) {
      budget.step();
      if (history.f[op] !== generate || history.outcome[op] !== OK) continue;
      const id = history.output[op]!;
      if (id === ABSENT) throw new CannotJudge(`generate at index ${history.index(op)} is ok and names no id`);
      acknowledged++;
      const first = firstOf[id]!;
      if (first === ABSENT) firstOf[id] = op;
      else {
        const why = () => `id ${canonical(history.values.get(id))} was handed out twice`;
        breaches.add('duplicate', () => ({ why: why(), operations: [first, op] }));
      }
    }
    const details = { acknowledged, ...breaches.details(history) };
    if (breaches.any) return { verdict: breaches.verdict(history), details };
    return { verdict: acknowledged === 0 ? undecided('no id was generated') : pass, details };
  });
