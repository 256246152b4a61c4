import { describe, expect, test } from 'vitest';
import type { Value } from '../../../checkers/history/operation.ts';
import { checkLinearizability } from '../../../checkers/linearizability/linearizability.ts';
import { models } from '../../../checkers/models/models.ts';
import { generated } from './generated.ts';
import { objects } from './objects.ts';
import { Random } from './random.ts';
import { type Call, record } from './recording.ts';

const perModel = Number(process.env.FAULTLINE_SWEEP ?? 400);

/** Larger than what the brute force can judge: laws need no oracle. */
const callsMax = 12;

/** Models for which one value is as good as another; numbers that are added are not. */
const opaque = ['register', 'cas-register', 'multi-register', 'set', 'fifo-queue', 'unordered-queue'];
/** Models whose steps look at durations: here an event's time is its place, so moving one changes other durations. */
const timed = ['owner-mutex', 'fenced-mutex'];

type Change = (calls: readonly Call[], random: Random) => readonly Call[];

const renamed = (value: Value): Value => {
  if (typeof value === 'number') return `v${value * 7}`;
  return Array.isArray(value) ? value.map(renamed) : value;
};

const renameValues: Change = (calls) =>
  calls.map((call) => ({
    ...call,
    ...(call.input === undefined ? {} : { input: renamed(call.input) }),
    ...(call.output === undefined ? {} : { output: renamed(call.output) }),
  }));

const renameKeys: Change = (calls) =>
  calls.map((call) => (call.key === undefined ? call : { ...call, key: { of: [call.key] } }));

const dropUnknownReads: Change = (calls) => calls.filter(({ f, outcome }) => f !== 'read' || outcome !== 'unknown');

const addUnknownRead: Change = (calls, random) => {
  const invokedAt = random.fraction() * 20;
  return [...calls, { f: 'read', outcome: 'unknown', invokedAt, returnedAt: Number.POSITIVE_INFINITY }];
};

/** One call begins earlier and ends later. */
const widen: Change = (calls, random) => {
  const at = random.below(calls.length);
  return calls.map((call, i) =>
    i === at
      ? {
          ...call,
          invokedAt: call.invokedAt - random.fraction() * 10,
          returnedAt: call.returnedAt + random.fraction() * 10,
        }
      : call,
  );
};

/** The answer to one call never came. */
const forget: Change = (calls, random) => {
  const at = random.below(calls.length);
  return calls.map((call, i) => {
    if (i !== at || call.outcome !== 'ok') return call;
    const { output: _, result: __, ...rest } = call;
    return { ...rest, outcome: 'unknown', returnedAt: Number.POSITIVE_INFINITY };
  });
};

/** The recording ends early. */
const cut: Change = (calls, random) => {
  const end = random.fraction() * 30;
  return calls
    .filter(({ invokedAt }) => invokedAt < end)
    .map((call) => {
      if (call.returnedAt < end || call.outcome === 'unknown') return call;
      const { output: _, result: __, ...rest } = call;
      return { ...rest, outcome: 'unknown', returnedAt: Number.POSITIVE_INFINITY };
    });
};

const laws: readonly {
  readonly name: string;
  readonly change: Change;
  readonly keeps: 'the verdict' | 'legality';
  readonly applies: (model: string) => boolean;
}[] = [
  { name: 'renaming values', change: renameValues, keeps: 'the verdict', applies: (model) => opaque.includes(model) },
  { name: 'renaming keys', change: renameKeys, keeps: 'the verdict', applies: () => true },
  { name: 'removing reads of unknown outcome', change: dropUnknownReads, keeps: 'the verdict', applies: () => true },
  {
    name: 'adding a read of unknown outcome',
    change: addUnknownRead,
    keeps: 'the verdict',
    applies: (model) => ['register', 'cas-register', 'kv', 'counter', 'set'].includes(model),
  },
  { name: 'widening an interval', change: widen, keeps: 'legality', applies: (model) => !timed.includes(model) },
  { name: 'forgetting an answer', change: forget, keeps: 'legality', applies: (model) => !timed.includes(model) },
  { name: 'cutting the end off', change: cut, keeps: 'legality', applies: () => true },
];

/** SYSTEMS 15.12: what must not turn a legal history into an illegal one. */
describe.each(laws)('$name keeps $keeps', ({ change, keeps, applies }) => {
  for (const object of objects.filter(({ model }) => applies(model))) {
    test(object.model, { timeout: 3_600_000 }, () => {
      const seen = { pass: 0, violation: 0, undecided: 0 };
      for (let seed = 1; seed <= perModel; seed++) {
        const calls = generated(object, seed, callsMax);
        if (calls.length === 0) continue;
        const before = verdict(object.model, calls);
        const changed = change(calls, new Random(seed));
        const after = verdict(object.model, changed);
        seen[before]++;
        const kept = keeps === 'legality' ? before !== 'pass' || after === 'pass' : before === after;
        if (!kept) throw new Error(`seed ${seed}: ${before}, then ${after}: ${JSON.stringify([calls, changed])}`);
      }
      expect(seen.undecided).toBe(0);
      expect(seen.pass).toBeGreaterThan(perModel / 10);
      expect(seen.violation).toBeGreaterThan(perModel / 10);
    });
  }
});

const verdict = (model: string, calls: readonly Call[]) =>
  checkLinearizability(models.get(model)!, record(calls)).verdict.kind;
