import { describe, expect, test } from 'vitest';
import { lawsOf } from '../../../../checkers/linearizability/explain/laws/of.ts';
import { shrink } from '../../../../checkers/linearizability/explain/shrink.ts';
import type { Question } from '../../../../checkers/linearizability/procedure.ts';
import { proceduresFor } from '../../../../checkers/linearizability/procedures.ts';
import { atOnce } from '../../../../checkers/linearizability/turns.ts';
import { explainable } from '../brute-force.ts';
import { generated } from '../generated.ts';
import { objects, type SequentialObject } from '../objects.ts';
import { type Call, inOrder } from '../recording.ts';
import { callsOf, judgeOf, objectOf, projected, questionsOf } from './questions.ts';

const perModel = Number(process.env.FAULTLINE_SWEEP ?? 250);
const callsMax = 8;

/** Times are places in these histories, and what is left out moves them; leases depend on times. */
const withoutLeases = (calls: readonly Call[]): Call[] =>
  calls.map((call) => {
    const input = call.input as { owner?: string; ttlMs?: number } | undefined;
    if (input?.ttlMs === undefined) return call;
    const { ttlMs: _, ...rest } = input;
    return { ...call, input: rest };
  });

const meanings = ({ model }: SequentialObject) =>
  ['cas-register', 'kv'].includes(model) ? (['ignore', 'assert'] as const) : (['ignore'] as const);

/** What the procedure that decides a question makes of it, as `explain` passes it on; nothing where the search decides. */
function coreOf(question: Question): number[] {
  for (const procedure of proceduresFor(question.model)) {
    const decision = procedure.decide(question, () => {});
    if (decision?.kind === 'illegal') return decision.core.map((op) => question.part.ops[op]!);
    if (decision !== undefined) return [];
  }
  return [];
}

describe('what is left is illegal by itself, and nothing of it could go', () => {
  for (const object of objects) {
    for (const failedCas of meanings(object)) {
      for (const startLateFrom of [48, 0]) {
        test(`${object.model}, failed compare-and-sets: ${failedCas}, a later start from ${startLateFrom}`, () => {
          const sizes: number[] = [];
          for (let seed = 1; sizes.length < perModel && seed < 20 * perModel; seed++) {
            const calls = withoutLeases(generated(object, seed, callsMax));
            for (const question of questionsOf(object.model, calls, failedCas)) {
              if (!atOnce(judgeOf(question).illegal(question))) continue;
              sizes.push(shrunkRightly(question, calls, `seed ${seed}`));
            }
          }
          expect(sizes.length).toBeGreaterThan(perModel / 3);
          expect(Math.min(...sizes)).toBeLessThan(3);

          function shrunkRightly(question: Question, calls: readonly Call[], seed: string): number {
            const judge = judgeOf(question);
            const left = atOnce(shrink(question, coreOf(question), lawsOf(question.model), judge, { startLateFrom }));
            const own = objectOf(object, left.question);
            const rest = projected(object.model, callsOf(left.question, calls), left.facets);
            const meaning = { failedCas };
            const context = `${seed}: ${JSON.stringify(inOrder(calls))}\nleft ${JSON.stringify(rest)}`;
            if (explainable(own, rest, meaning)) throw new Error(`what is left is legal; ${context}`);
            for (const [i, call] of rest.entries()) {
              if (call.outcome === 'unknown' || left.question.part.ops[i] === left.anchor) continue;
              const weaker = rest.with(i, { ...call, outcome: 'unknown', returnedAt: Number.POSITIVE_INFINITY });
              if (!explainable(own, weaker, meaning)) throw new Error(`operation ${i} of it could go; ${context}`);
            }
            expect(left.minimal).toBe(true);
            return left.question.part.ops.length;
          }
        });
      }
    }
  }
});
