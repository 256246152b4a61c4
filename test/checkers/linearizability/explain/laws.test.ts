import { describe, expect, test } from 'vitest';
import { startingWith, upTo } from '../../../../checkers/linearizability/explain/cuts.ts';
import { bearingOn } from '../../../../checkers/linearizability/explain/laws/columns.ts';
import { type Laws, type Spelled, spelled } from '../../../../checkers/linearizability/explain/laws/laws.ts';
import { lawsOf } from '../../../../checkers/linearizability/explain/laws/of.ts';
import { GONE, KEPT, MAYBE, weakened } from '../../../../checkers/linearizability/part.ts';
import type { Question } from '../../../../checkers/linearizability/procedure.ts';
import { atOnce } from '../../../../checkers/linearizability/turns.ts';
import { models } from '../../../../checkers/models/models.ts';
import { generated } from '../generated.ts';
import { objects, type SequentialObject } from '../objects.ts';
import { Random } from '../random.ts';
import { inOrder } from '../recording.ts';
import { judgeOf, questionsOf } from './questions.ts';

const perModel = Number(process.env.FAULTLINE_SWEEP ?? 1500);

type Reduction = (question: Spelled, laws: Laws, random: Random) => Question | undefined;

const without = ({ question }: Spelled, gone: readonly number[]): Question => {
  const fate = new Uint8Array(question.part.ops.length).fill(KEPT);
  for (const op of gone) fate[op] = GONE;
  return { ...question, part: weakened(question.part, fate) };
};

const reductions: Readonly<Record<string, Reduction>> = {
  'what comes after an event goes': ({ question }, _, random) =>
    upTo(question, random.below(question.part.events.length + 1)),
  'some operations become unknown': ({ question }, _, random) => {
    const fate = Uint8Array.from(question.part.ops, () => (random.chance(0.5) ? MAYBE : KEPT));
    return { ...question, part: weakened(question.part, fate) };
  },
  'some observers go': (known, _, random) =>
    without(
      known,
      [...known.letters.keys()].filter((op) => known.observer[known.letters[op]!] === 1 && random.chance(0.5)),
    ),
  'spare unknown operations go': (known, { spare }) => spare && without(known, spare(known)),
  'some facets go': (known, { facets, only }, random) =>
    facets && only!(known, new Set(facets(known).filter(() => random.chance(0.6))), known.question.model),
  'only what bears on a few operations stays': ({ question }, _, random) => {
    const core = new Set([...question.part.ops].filter(() => random.chance(0.4)));
    const fate = bearingOn(core, question);
    return fate && { ...question, part: weakened(question.part, fate) };
  },
  'the history begins with an operation that made the state known': (known, { startsFrom }, random) => {
    const { part } = known.question;
    const starts = [...part.ops.keys()].flatMap((op) => {
      const letter = known.letters[op]!;
      const start = part.definite[op] === 1 && startsFrom?.(known.inputs[letter], known.seen[letter], known.question);
      return start ? [{ op, state: start.state }] : [];
    });
    if (starts.length === 0) return undefined;
    const { op, state } = random.pick(starts);
    return startingWith(known, op, state);
  },
};

/** Judges of legal histories, and of what reductions make of them, by the search: it is held to the definition elsewhere. */
describe('no reduction makes a legal history illegal', () => {
  for (const object of objects) {
    const meanings = ['cas-register', 'kv'].includes(object.model)
      ? (['ignore', 'assert'] as const)
      : (['ignore'] as const);
    for (const failedCas of meanings) {
      test(`${object.model}, failed compare-and-sets: ${failedCas}`, () => {
        const applied = new Map<string, number>();
        for (let seed = 1; seed <= perModel; seed++) tryAll(object, failedCas, seed, applied);
        const model = models.get(object.model)!;
        const { spare, facets, startsFrom } = lawsOf(model);
        const possible = [spare, facets, startsFrom, model.cell].filter((law) => law !== undefined);
        expect(applied.size).toBe(3 + possible.length);
        for (const [name, count] of applied) expect(count, name).toBeGreaterThan(perModel / 30);
      });
    }
  }
});

/** Reductions are applied one after the other, as a shrink does. */
function tryAll(object: SequentialObject, failedCas: 'ignore' | 'assert', seed: number, applied: Map<string, number>) {
  const calls = generated(object, seed, 10);
  const random = new Random(seed);
  for (let question of questionsOf(object.model, calls, failedCas)) {
    if (atOnce(judgeOf(question).illegal(question))) continue;
    const laws = lawsOf(question.model);
    const done: string[] = [];
    for (let round = 0; round < 5; round++) {
      const name = random.pick(Object.keys(reductions));
      const smaller = reductions[name]!(spelled(question)!, laws, random);
      if (smaller === undefined) continue;
      done.push(name);
      applied.set(name, (applied.get(name) ?? 0) + 1);
      if (atOnce(judgeOf(smaller).illegal(smaller))) {
        throw new Error(`seed ${seed}: ${JSON.stringify(inOrder(calls))}\nis made illegal: ${done.join(', then ')}`);
      }
      question = smaller;
    }
  }
}
