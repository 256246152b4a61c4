import { describe, expect, test } from 'vitest';
import { checkLinearizability } from '../../../../checkers/linearizability/linearizability.ts';
import { type FailedCas, KEPT, MAYBE, weakened } from '../../../../checkers/linearizability/part.ts';
import type { Decision } from '../../../../checkers/linearizability/procedure.ts';
import { extentOf } from '../../../../checkers/linearizability/zones/extent.ts';
import { firstIllegal } from '../../../../checkers/linearizability/zones/first-illegal.ts';
import { readCell } from '../../../../checkers/linearizability/zones/reading.ts';
import { explainedBefore, zones } from '../../../../checkers/linearizability/zones/zones.ts';
import { models } from '../../../../checkers/models/models.ts';
import { explainable, type Meaning, replays } from '../brute-force.ts';
import { Random } from '../random.ts';
import { type Call, inOrder, record } from '../recording.ts';
import { type Asked, none, questions } from './question.ts';
import { simulated } from './simulated.ts';
import { judging, type Mixture, mixtures, singleWriterCalls } from './single-writer.ts';

const perMixture = Number(process.env.FAULTLINE_SWEEP ?? 2600);
const seedBase = Number(process.env.FAULTLINE_SEED ?? 0);
const callsMax = 8;

describe('the zones agree with the definition', () => {
  for (const mixture of Object.keys(mixtures) as Mixture[]) {
    for (const failedCas of ['ignore', 'assert'] as const) {
      test(`${mixture}, failed compare-and-sets: ${failedCas}`, { timeout: 3_600_000 }, () => {
        const count = { linearizable: 0, illegal: 0, inapplicable: 0, left: 0 };
        for (let seed = seedBase + 1; seed <= seedBase + perMixture; seed++) {
          const calls = singleWriterCalls(mixture, seed, callsMax);
          for (const asked of questions(record(calls), failedCas)) count[judged(asked, calls, failedCas, seed)]++;
        }
        if (process.env.FAULTLINE_SWEEP) console.log(`${mixture} (${failedCas})`, JSON.stringify(count));
        const applicable = count.linearizable + count.illegal + count.left;
        expect(count.linearizable).toBeGreaterThan(applicable / 8);
        expect(count.illegal).toBeGreaterThan(applicable / 8);
        expect(count.inapplicable).toBeGreaterThan(applicable / 100);
        expect(count.left).toBeLessThan(applicable / 100);
      });
    }
  }

  function judged(asked: Asked, calls: readonly Call[], failedCas: FailedCas, seed: number) {
    const { question, key } = asked;
    const decision = zones.decide(question, none);
    if (decision === undefined) {
      return readCell(question, extentOf(question), none) === undefined ? 'inapplicable' : 'left';
    }
    const context = `seed ${seed}, key ${key}: ${JSON.stringify(inOrder(calls))}\n${JSON.stringify(decision)}`;
    const meaning: Meaning = { failedCas, key: { is: key } };
    if (explainable(judging, calls, meaning) !== (decision.kind === 'linearizable')) {
      throw new Error(`the verdict is wrong; ${context}`);
    }
    if (decision.kind === 'linearizable') checkOrder(asked, decision.order(), calls, meaning, context);
    else checkViolation(asked, decision, calls, meaning, context);
    return decision.kind;
  }

  function checkOrder(
    { question, key }: Asked,
    order: Int32Array,
    calls: readonly Call[],
    meaning: Meaning,
    context: string,
  ) {
    const inHistory = Array.from(order, (op) => question.part.ops[op]!);
    if (!replays(judging, calls, key, inHistory, meaning)) throw new Error(`the order cannot be replayed; ${context}`);
  }

  function checkViolation(
    asked: Asked,
    { core }: Extract<Decision, { kind: 'illegal' }>,
    calls: readonly Call[],
    meaning: Meaning,
    context: string,
  ) {
    const { part, history } = asked.question;
    const kept = new Set(core.map((op) => part.ops[op]!));
    const own = new Set(part.ops);
    const doubtful = inOrder(calls).map((call, op) => (own.has(op) && !kept.has(op) ? doubted(call) : call));
    if (explainable(judging, doubtful, meaning)) throw new Error(`the core alone is legal; ${context}`);
    const fate = new Uint8Array(part.ops.length).fill(MAYBE);
    for (const op of core) fate[op] = KEPT;
    const again = zones.decide({ ...asked.question, part: weakened(part, fate) }, none);
    if (again?.kind === 'linearizable') throw new Error(`the zones find the core alone legal; ${context}`);

    const at = firstIllegal(asked.question, none)!;
    expect(part.events[at]! & 1).toBe(1);
    const moment = inOrder(calls)[part.ops[part.events[at]! >>> 1]!]!.returnedAt;
    const including = { ...meaning, upTo: { moment, inclusive: true } };
    if (explainable(judging, calls, including)) throw new Error(`illegal only after event ${at}; ${context}`);
    const before = { ...meaning, upTo: { moment, inclusive: false } };
    const order = explainedBefore(asked.question, at);
    if (order !== undefined) checkOrder(asked, order, calls, before, `event ${at}; ${context}`);
    else if (!part.ops.some((op) => isRefused(history.operation(op))))
      throw new Error(`no order before ${at}; ${context}`);
  }
});

const isRefused = ({ f, result, outcome }: { f: string; result?: unknown; outcome: string }) =>
  f === 'cas' && (result === false || outcome === 'failed');

/** The same call, had nobody heard of its outcome. */
function doubted({ output: _, result: __, ...call }: Call): Call {
  return { ...call, outcome: 'unknown', returnedAt: Number.POSITIVE_INFINITY };
}

describe('the zones agree with the search on longer histories', () => {
  const model = models.get('cas-register')!;
  const seeds = Number(process.env.FAULTLINE_SWEEP ?? 120);

  for (const mixture of Object.keys(mixtures) as Mixture[]) {
    test(mixture, { timeout: 3_600_000 }, () => {
      const count = { linearizable: 0, illegal: 0, left: 0 };
      for (let seed = seedBase + 1; seed <= seedBase + seeds; seed++) {
        const calls = workload(mixture, seed);
        const history = record(calls);
        const { question } = questions(history, 'assert')[0]!;
        const decision = zones.decide(question, none);
        count[decision?.kind ?? 'left']++;
        if (decision === undefined) continue;
        const options = { searchOnly: true, failedCas: 'assert', stepLimit: 2_000_000 } as const;
        const { verdict } = checkLinearizability(model, history, options);
        if (verdict.kind === 'undecided') continue;
        expect([seed, decision.kind]).toEqual([seed, verdict.kind === 'pass' ? 'linearizable' : 'illegal']);
        if (decision.kind === 'illegal') continue;
        expect(replays(judging, calls, undefined, [...decision.order()], { failedCas: 'assert' })).toBe(true);
      }
      expect(count.linearizable).toBeGreaterThan(seeds / 8);
      expect(count.illegal).toBeGreaterThan(seeds / 8);
      expect(count.left).toBeLessThan(seeds / 50);
    });
  }

  function workload(mixture: Mixture, seed: number): Call[] {
    const random = new Random(seed);
    const operations = 50 + random.below(350);
    const processes = 2 + random.below(10);
    return simulated(
      { mixture, operations, processes, unknown: random.pick([0, 0.01, 0.05]), lies: random.pick([0, 0, 1, 2]) },
      seed,
    );
  }
});
