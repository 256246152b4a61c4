import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Value } from '../../../checkers/history/operation.ts';
import type { AnyModel, Recorded, Step } from '../../../checkers/models/model.ts';
import { modelSummaries, models } from '../../../checkers/models/models.ts';
import { objects } from '../linearizability/objects.ts';
import { Random } from '../linearizability/random.ts';

type Answer = Partial<Pick<Recorded, 'outcome' | 'output' | 'result' | 'invokedNs' | 'returnedNs'>>;
type Asked = readonly [f: string, input?: Value, answer?: Answer];

const recorded = ([f, input, answer]: Asked): Recorded => ({
  f,
  input,
  outcome: 'ok',
  output: undefined,
  result: undefined,
  invokedNs: 0,
  returnedNs: 0,
  ...answer,
});

/** Runs calls one after another; the model's words for the state they end in, or for why one is refused. */
function run(name: string, calls: readonly Asked[], initial?: Value): string {
  const model = models.get(name)!;
  let state = model.initial;
  if (initial !== undefined) {
    const started = model.startingFrom(initial);
    if (started.kind === 'refused') return started.why;
    state = started.state;
  }
  for (const call of calls) {
    const understood = model.understand(recorded(call));
    if (understood.kind === 'refused') return understood.why;
    const step = model.step(state, understood.input, understood.seen);
    if (!step.legal) return step.why();
    state = step.state;
  }
  return model.show(state);
}

const output = (value: Value): Answer => ({ output: value });
const result = (value: Value): Answer => ({ result: value });
const unknown: Answer = { outcome: 'unknown' };
const ms = 1e6;
/** A call that begins and ends at these milliseconds. */
const during = (fromMs: number, toMs: number, value?: Value): Answer => ({
  invokedNs: fromMs * ms,
  returnedNs: toMs * ms,
  ...(value === undefined ? {} : { result: value }),
});

type Case = readonly [title: string, calls: readonly Asked[], expected: string, initial?: Value];

const cases: Record<string, readonly Case[]> = {
  register: [
    ['reads nothing at first', [['read', null, output(null)]], 'null'],
    [
      'reads what was written',
      [
        ['write', 1],
        ['read', null, output(1)],
      ],
      '1',
    ],
    [
      'refuses another value',
      [
        ['write', 1],
        ['read', null, output(2)],
      ],
      'it read 2 while the value was 1',
    ],
    ['starts from what the user says', [['read', null, output(7)]], '7', 7],
    [
      'compares by structure',
      [
        ['write', { a: 1, b: [2] }],
        ['read', null, output({ b: [2], a: 1 })],
      ],
      '{"a":1,"b":[2]}',
    ],
    [
      'tells 1 from "1"',
      [
        ['write', 1],
        ['read', null, output('1')],
      ],
      'it read "1" while the value was 1',
    ],
    [
      'needs an answer to a read',
      [['read']],
      'an ok read must carry the value that was read (null when there was none)',
    ],
    ['needs a value to write', [['write']], 'a write must carry the value to be written'],
    ['knows no cas', [['cas', [1, 2]]], 'the model register knows read and write'],
  ],
  'cas-register': [
    [
      'an ok without a result is true',
      [
        ['write', 1],
        ['cas', [1, 2]],
      ],
      '2',
    ],
    [
      'a true result exchanges',
      [
        ['write', 1],
        ['cas', [1, 2], result(true)],
      ],
      '2',
    ],
    [
      'a true result needs the value',
      [
        ['write', 3],
        ['cas', [1, 2], result(true)],
      ],
      'it exchanged 1 for 2 while the value was 3',
    ],
    [
      'a false result changes nothing',
      [
        ['write', 3],
        ['cas', [1, 2], result(false)],
      ],
      '3',
    ],
    [
      'a false result needs another value',
      [
        ['write', 1],
        ['cas', [1, 2], result(false)],
      ],
      'it found no 1 although the value was 1',
    ],
    [
      'an unknown one does what it can',
      [
        ['write', 1],
        ['cas', [1, 2], unknown],
        ['cas', [1, 5], unknown],
      ],
      '2',
    ],
    ['needs a pair', [['cas', 1]], 'a cas must carry the value [from, to]'],
    ['needs a truth value', [['cas', [1, 2], result('yes')]], 'the result of a cas is true or false, not "yes"'],
  ],
  kv: [
    [
      'a delete says whether there was something',
      [
        ['write', 1],
        ['delete', null, result(true)],
        ['delete', null, result(false)],
      ],
      'null',
    ],
    [
      'a delete that found what is not there',
      [['delete', null, result(true)]],
      'it deleted an existing key while it held null',
    ],
    [
      'a delete that missed what is there',
      [
        ['write', 1],
        ['delete', null, result(false)],
      ],
      'it found no key while it held 1',
    ],
    [
      'append creates a list',
      [
        ['append', 'a'],
        ['append', 'b'],
        ['read', null, output(['a', 'b'])],
      ],
      '["a","b"]',
    ],
    [
      'append to a string',
      [
        ['append', 'a'],
        ['append', 'b'],
        ['read', null, output('ab')],
      ],
      '"ab"',
      '',
    ],
    [
      'append to a number',
      [
        ['write', 1],
        ['append', 'a'],
      ],
      'it appended "a" while the key held 1',
    ],
    [
      'add counts from nothing',
      [
        ['add', 2, result(2)],
        ['add', -3, result(-1)],
      ],
      '-1',
    ],
    ['add with a wrong total', [['add', 2, result(3)]], 'it added 2 to null and got 3'],
    [
      'add to a string',
      [
        ['write', 'a'],
        ['add', 1],
      ],
      'it added 1 while the key held "a"',
    ],
    ['cas of an absent key', [['cas', [null, 1], result(true)]], '1'],
  ],
  'multi-register': [
    [
      'reads and writes in order',
      [
        [
          'txn',
          [
            ['w', 'x', 1],
            ['r', 'x', null],
          ],
          output([
            ['w', 'x', 1],
            ['r', 'x', 1],
          ]),
        ],
      ],
      '"x" = 1, any other = null',
    ],
    [
      'all or nothing of one moment',
      [
        [
          'txn',
          [
            ['w', 'x', 1],
            ['w', 'y', 1],
          ],
          output([
            ['w', 'x', 1],
            ['w', 'y', 1],
          ]),
        ],
        [
          'txn',
          [
            ['r', 'x', null],
            ['r', 'y', null],
          ],
          output([
            ['r', 'x', 1],
            ['r', 'y', 0],
          ]),
        ],
      ],
      'it read 0 from "y", which held 1',
      0,
    ],
    ['long names', [['txn', [['read', 'x', null]], output([['read', 'x', 0]])]], 'any other = 0', 0],
    [
      'the ok repeats the question',
      [['txn', [['r', 'x', null]], output([['r', 'y', 0]])]],
      'the ok of a txn must repeat its list; asked [["r","x",null]], answered [["r","y",0]]',
    ],
    ['needs a list', [['txn', 'x']], 'a txn is a list of ["r", register, null] and ["w", register, value]'],
  ],
  mutex: [
    ['a plain history', [['acquire'], ['release'], ['acquire']], 'held'],
    ['held twice', [['acquire'], ['acquire']], 'it was granted while held'],
    [
      'refused rightly',
      [
        ['acquire', null, result(5)],
        ['acquire', null, result(false)],
      ],
      'held',
    ],
    ['refused wrongly', [['acquire', null, result(false)]], 'it was told held while free'],
    ['released when free', [['release']], 'it released a free lock'],
    ['starts held', [['release', null, result(true)]], 'free', true],
  ],
  'owner-mutex': [
    [
      'the owner releases',
      [
        ['acquire', { owner: 'a' }],
        ['release', { owner: 'a' }],
      ],
      'free',
    ],
    [
      'another does not',
      [
        ['acquire', { owner: 'a' }],
        ['release', { owner: 'b' }],
      ],
      '"b" did release it while it was held by "a"',
    ],
    [
      'another is told so',
      [
        ['acquire', { owner: 'a' }],
        ['release', { owner: 'b' }, result(false)],
      ],
      'held by "a"',
    ],
    [
      'not reentrant',
      [
        ['acquire', { owner: 'a' }],
        ['acquire', { owner: 'a' }],
      ],
      'it was granted to "a" while held by "a"',
    ],
    [
      'a lease ends',
      [
        ['acquire', { owner: 'a', ttlMs: 10 }, during(0, 1)],
        ['acquire', { owner: 'b' }, during(8, 9)],
      ],
      'held by "b"',
    ],
    [
      'but not before its time, less the margin',
      [
        ['acquire', { owner: 'a', ttlMs: 10 }, during(0, 1)],
        ['acquire', { owner: 'b' }, during(7, 8.9)],
      ],
      'it was granted to "b" while held by "a"',
    ],
    [
      'a renewal extends it',
      [
        ['acquire', { owner: 'a', ttlMs: 10 }, during(0, 1)],
        ['renew', { owner: 'a' }, during(5, 6, true)],
        ['acquire', { owner: 'b' }, during(8, 9)],
      ],
      'it was granted to "b" while held by "a"',
    ],
    [
      'a lease ends before its renewal',
      [
        ['acquire', { owner: 'a', ttlMs: 10 }, during(0, 1)],
        ['renew', { owner: 'a' }, during(8, 9, false)],
      ],
      'free',
    ],
    [
      'a renewal refused too early',
      [
        ['acquire', { owner: 'a', ttlMs: 10 }, during(0, 1)],
        ['renew', { owner: 'a' }, during(2, 3, false)],
      ],
      '"a" could not renew it although it was held by "a"',
    ],
    [
      'an unknown acquire cannot end a lease early',
      [
        ['acquire', { owner: 'a', ttlMs: 10 }, during(0, 1)],
        ['acquire', { owner: 'b' }, { outcome: 'unknown', invokedNs: 0, returnedNs: Number.POSITIVE_INFINITY }],
        ['release', { owner: 'b' }, during(2, 3, true)],
      ],
      'it returned before the lease before could have expired',
    ],
    [
      'a lock without a time to live never ends, not even for an operation that never returns',
      [
        ['acquire', { owner: 'a' }, during(0, 1)],
        ['acquire', { owner: 'b' }, { outcome: 'unknown', invokedNs: 0, returnedNs: Number.POSITIVE_INFINITY }],
      ],
      'held by "a"',
    ],
    ['needs an owner', [['acquire']], 'the model owner-mutex needs an acquire to name its owner: {"owner": ...}'],
  ],
  'fenced-mutex': [
    [
      'tokens rise',
      [
        ['acquire', { owner: 'a' }, result(3)],
        ['release', { owner: 'a', token: 3 }],
        ['acquire', { owner: 'b' }, result(4)],
      ],
      'held by "b" with token 4',
    ],
    [
      'a token again',
      [
        ['acquire', { owner: 'a' }, result(3)],
        ['release', { owner: 'a', token: 3 }],
        ['acquire', { owner: 'b' }, result(3)],
      ],
      'it was granted with token 3 after token 3 had been given out',
    ],
    [
      'an old token releases nothing',
      [
        ['acquire', { owner: 'a' }, result(3)],
        ['release', { owner: 'a', token: 2 }, result(false)],
      ],
      'held by "a" with token 3',
    ],
    [
      'an old token must not release',
      [
        ['acquire', { owner: 'a' }, result(3)],
        ['release', { owner: 'a', token: 2 }, result(true)],
      ],
      '"a" did release it with token 2 while held by "a" with token 3',
    ],
    [
      'the token of an unknown grant shows later',
      [
        ['acquire', { owner: 'a' }, result(3)],
        ['release', { owner: 'a', token: 3 }],
        ['acquire', { owner: 'b' }, unknown],
        ['renew', { owner: 'b', token: 9 }],
      ],
      'held by "b" with token 9',
    ],
    [
      'or what it is not',
      [
        ['acquire', { owner: 'b' }, unknown],
        ['renew', { owner: 'b', token: 9 }, result(false)],
        ['release', { owner: 'b', token: 9 }],
      ],
      '"b" did release it with token 9 while held by "b" with a token above -Infinity',
    ],
    [
      'needs a token',
      [['acquire', { owner: 'a' }]],
      'the model fenced-mutex needs the token as the result of an acquire that was granted',
    ],
    [
      'goes on from a token',
      [['acquire', { owner: 'a' }, result(3)]],
      'it was granted with token 3 after token 8 had been given out',
      8,
    ],
  ],
  counter: [
    [
      'counts',
      [
        ['add', 2],
        ['add', -5, result(-3)],
        ['read', null, output(-3)],
      ],
      '-3',
    ],
    [
      'a wrong read',
      [
        ['add', 2],
        ['read', null, output(3)],
      ],
      'it read 3 while the counter stood at 2',
    ],
    ['a wrong total', [['add', 2, result(3)]], 'it added 2 to 0 and got 3'],
    ['adds numbers', [['add', 'x']], 'an add must carry a number as its value'],
  ],
  set: [
    [
      'in any order',
      [
        ['add', 2],
        ['add', 1],
        ['add', 2],
        ['read', null, output([2, 1])],
      ],
      '{1, 2}',
    ],
    [
      'lost',
      [
        ['add', 2],
        ['read', null, output([])],
      ],
      'it read a set without 2, which was in it',
    ],
    ['invented', [['read', null, output([2])]], 'it read a set with 2, which was not in it'],
    [
      'twice',
      [
        ['add', 2],
        ['read', null, output([2, 2])],
      ],
      'it read the element 2 twice',
    ],
    ['needs a list', [['read', null, output(1)]], 'an ok read of a set must carry the list of its elements'],
  ],
  'fifo-queue': [
    [
      'first in, first out',
      [
        ['enqueue', 1],
        ['enqueue', 2],
        ['dequeue', null, output(1)],
      ],
      '[2]',
    ],
    [
      'out of order',
      [
        ['enqueue', 1],
        ['enqueue', 2],
        ['dequeue', null, output(2)],
      ],
      'it took 2 while 1 was first in the queue',
    ],
    ['empty', [['dequeue', null, output(null)]], '[]'],
    [
      'empty, wrongly',
      [
        ['enqueue', 1],
        ['dequeue', null, output(null)],
      ],
      'it took null while 1 was first in the queue',
    ],
    ['from nothing', [['dequeue', null, output(1)]], 'it took 1 from an empty queue'],
    [
      'null is no element',
      [['enqueue', null]],
      'an enqueue must carry a value other than null, which stands for an empty queue',
    ],
  ],
  'unordered-queue': [
    [
      'any order',
      [
        ['enqueue', 1],
        ['enqueue', 2],
        ['dequeue', null, output(2)],
      ],
      '{1}',
    ],
    [
      'each as often as it came',
      [
        ['enqueue', 1],
        ['dequeue', null, output(1)],
        ['dequeue', null, output(1)],
      ],
      'it took 1, which did not wait in the queue',
    ],
    [
      'empty, wrongly',
      [
        ['enqueue', 1],
        ['dequeue', null, output(null)],
      ],
      'it found the queue empty while 1 waited in it',
    ],
  ],
};

test('every model has its table', () => expect(Object.keys(cases).sort()).toEqual([...models.keys()].sort()));

for (const [name, table] of Object.entries(cases)) {
  describe(name, () => {
    for (const [title, calls, expected, initial] of table) {
      test(title, () => expect(run(name, calls, initial)).toBe(expected));
    }
  });
}

test('every model is listed with one line', () => {
  expect(modelSummaries.map(([name]) => name)).toEqual([...models.keys()]);
  for (const [, summary] of modelSummaries) expect(summary).toMatch(/^\S.{20,100}$/);
});

describe('laws', () => {
  /** States that a model can be in, and calls with answers, right and wrong, by running its object. */
  function sample(model: AnyModel, seed: number) {
    const object = objects.find((candidate) => candidate.model === model.name)!;
    const random = new Random(seed);
    const states: unknown[] = [model.initial];
    const calls: { input: unknown; seen: unknown }[] = [];
    let state = object.fresh;
    let held = model.initial;
    for (let i = 0; i < 12; i++) {
      const call = object.ask(random);
      const times = { invokedNs: i * ms, returnedNs: random.chance(0.2) ? Number.POSITIVE_INFINITY : (i + 1) * ms };
      const effects = object.outcomes(state, { f: call.f, input: call.input, ...times, tokens: [i + 1] });
      if (effects.length === 0) continue;
      const effect = random.pick(effects);
      for (const outcome of ['ok', 'unknown'] as const) {
        const understood = model.understand({
          ...call,
          input: call.input,
          output: effect.output,
          result: effect.result,
          outcome,
          ...times,
        });
        if (understood.kind === 'refused') throw new Error(understood.why);
        calls.push(understood);
        const step = model.step(held, understood.input, understood.seen);
        if (outcome === 'ok' && step.legal && random.chance(0.8)) {
          held = step.state;
          state = effect.state;
          states.push(held);
        }
      }
    }
    return { states, calls };
  }

  const law = (name: string, holds: (model: AnyModel, sampled: ReturnType<typeof sample>) => void) =>
    describe(name, () => {
      test.each([...models.values()].map((model) => [model.name, model] as const))('%s', (_, model) => {
        fc.assert(
          fc.property(fc.integer(), (seed) => holds(model, sample(model, seed))),
          { seed: 20261120, numRuns: 200 },
        );
      });
    });

  const frozen = (value: unknown): unknown => {
    if (typeof value === 'object' && value !== null)
      for (const part of Object.values(Object.freeze(value))) frozen(part);
    return value;
  };

  // `expect` is too slow for the million comparisons below.
  const demand = (holds: boolean, why: () => string) => {
    if (!holds) throw new Error(why());
  };
  const inWords = (model: AnyModel, state: unknown, call: { input: unknown; seen: unknown }) =>
    `${model.show(state)}, ${JSON.stringify(call)}`;

  /** Both refused, or both leading to states with the same key. */
  function alike(model: AnyModel, a: Step<unknown>, b: Step<unknown>): boolean {
    return a.legal && b.legal ? model.key(a.state) === model.key(b.state) : a.legal === b.legal;
  }

  law('an observer leaves every state as it is', (model, { states, calls }) => {
    for (const call of calls.filter(({ input, seen }) => model.observes(input, seen))) {
      for (const state of states) {
        const step = model.step(state, call.input, call.seen);
        demand(!step.legal || model.key(step.state) === model.key(state), () => inWords(model, state, call));
      }
    }
  });

  law('a step is pure: equal arguments give equal answers, and nothing is mutated', (model, { states, calls }) => {
    for (const state of states.map(frozen)) {
      for (const call of calls) {
        const once = model.step(state, frozen(call.input), frozen(call.seen));
        const twice = model.step(state, call.input, call.seen);
        demand(alike(model, once, twice), () => inWords(model, state, call));
        demand(once.legal || once.why() !== '', () => inWords(model, state, call));
      }
    }
  });

  law('states with the same key answer every call alike', (model, { states, calls }) => {
    for (const a of states) {
      for (const b of states) {
        if (model.key(a) !== model.key(b)) continue;
        for (const call of calls) {
          const { input, seen } = call;
          const same = alike(model, model.step(a, input, seen), model.step(b, input, seen));
          demand(same, () => `${inWords(model, a, call)}; ${model.show(b)}`);
        }
      }
    }
  });

  law('what some answer allows, no answer allows too', (model, { states, calls }) => {
    for (const state of states) {
      for (const call of calls) {
        if (!model.step(state, call.input, call.seen).legal) continue;
        demand(model.step(state, call.input, undefined).legal, () => inWords(model, state, call));
      }
    }
  });
});
