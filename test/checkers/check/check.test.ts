import { describe, expect, test } from 'vitest';
import { type AnyModel, check, models } from '../../../checkers/index.ts';
import { checkLinearizability } from '../../../checkers/linearizability/linearizability.ts';
import { generated } from '../linearizability/generated.ts';
import { objects } from '../linearizability/objects.ts';
import { record } from '../linearizability/recording.ts';
import { allOn, type Room, rooms, switchesUrl } from './rooms.ts';
import switchesModel from './switches.ts';

const switches = switchesModel as unknown as AnyModel;

/** More than any check can do. */
const hopeless: Room = { key: 'hopeless', switches: 40, seen: 1 };

describe('check', () => {
  test('answers as checkLinearizability does, whatever the history', async () => {
    for (const object of objects) {
      const model = models.get(object.model)!;
      for (let seed = 1; seed <= 100; seed++) {
        const history = record(generated(object, seed, 8));
        const sync = checkLinearizability(model, history, { linearizations: true });
        const { verdict, perKey } = await check(model, history, { linearizations: true });
        expect({ verdict, perKey: perKey.map(verdictOfKey) }).toEqual({
          verdict: sync.verdict,
          perKey: sync.perKey.map(verdictOfKey),
        });
      }
    }
  });

  test('tells what it counted', async () => {
    const { stats } = await check(models.get('kv')!, record([]));
    expect(stats).toEqual({ operations: 0, keys: 0, configurations: 0, keysDecided: 0, workers: 0, ms: stats.ms });
    expect(stats.ms).toBeGreaterThanOrEqual(0);
  });

  test('a history that the model cannot judge is undecided', async () => {
    const { verdict, refusal } = await check(switches, record([]), { initial: 7 });
    expect({ verdict, refusal }).toEqual({ verdict: { kind: 'pass' }, refusal: undefined });
    const queue = models.get('fifo-queue')!;
    expect(await check(queue, rooms([hopeless]))).toMatchObject({
      verdict: { kind: 'undecided', why: expect.stringMatching(/index 0/) },
      refusal: expect.stringMatching(/press/),
    });
  });
});

describe('limits', () => {
  const two = rooms([{ key: 'easy', switches: 3, seen: allOn(3) }, hopeless]);

  test('at the limit on time: which keys are decided, and how far it got with the others', async () => {
    const { verdict, perKey, stats } = await check(switches, two, { timeLimitMs: 300 });
    expect(verdict.kind).toBe('undecided');
    expect('why' in verdict && verdict.why).toMatch(
      /out of time on key "hopeless" after explaining 40 of 41 operations/,
    );
    expect(perKey).toMatchObject([
      { key: 'easy', kind: 'pass' },
      { key: 'hopeless', kind: 'undecided', why: 'out of time', explained: 40 },
    ]);
    expect(stats).toMatchObject({ keys: 2, keysDecided: 1 });
  });

  test('on steps', async () => {
    const { perKey } = await check(switches, two, { stepLimit: 10_000 });
    expect(perKey[1]).toMatchObject({ kind: 'undecided', why: 'out of steps' });
  });

  test('on memory: the process stays within it', async () => {
    const memoryLimitBytes = process.memoryUsage.rss() + 40e6;
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 5);
    const { perKey } = await check(switches, two, { memoryLimitBytes });
    clearInterval(watch);
    expect(perKey[1]).toMatchObject({ kind: 'undecided', why: 'out of memory' });
    expect(peak).toBeLessThan(1.1 * memoryLimitBytes);
  });

  test('on memory: less than the process holds already', async () => {
    const { perKey } = await check(switches, two, { memoryLimitBytes: 1e6 });
    expect(perKey[1]).toMatchObject({ kind: 'undecided', why: expect.stringMatching(/MB were in use before/) });
  });
});

describe('a check that is cancelled', () => {
  test('stops, and keeps what it knows', async () => {
    const controller = new AbortController();
    let abortedMs = 0;
    setTimeout(() => {
      abortedMs = performance.now();
      controller.abort();
    }, 60);
    const history = rooms([{ key: 'easy', switches: 3, seen: allOn(3) }, hopeless]);
    const { perKey } = await check(switches, history, { signal: controller.signal });
    expect(abortedMs).toBeGreaterThan(0);
    expect(perKey).toMatchObject([{ kind: 'pass' }, { kind: 'undecided', why: 'cancelled' }]);
  });

  test('stops before it began', async () => {
    const { perKey } = await check(switches, rooms([hopeless]), { signal: AbortSignal.abort() });
    expect(perKey).toMatchObject([{ kind: 'undecided', why: 'cancelled' }]);
  });

  test('stops in all threads', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 400);
    const history = rooms(['a', 'b', 'c'].map((key) => ({ ...hopeless, key })));
    const options = { signal: controller.signal, workers: 1, modelUrl: switchesUrl, helpAfterMs: 50 };
    const { perKey, stats } = await check(switches, history, options);
    expect(perKey.map((key) => 'why' in key && key.why)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(stats.workers).toBe(1);
  });
});

describe('threads that help', () => {
  const hard = 12;
  const keys = (...seen: readonly number[]) =>
    rooms(seen.map((sum, at) => ({ key: `k${at}`, switches: hard, seen: sum })));
  const helped = { workers: 2, modelUrl: switchesUrl, helpAfterMs: 50 };

  test('are called for hard keys alone, and decide them as one thread would', async () => {
    const on = allOn(hard);
    const easy = await check(switches, keys(on, on), { ...helped, helpAfterMs: 1000 });
    expect(easy).toMatchObject({ verdict: { kind: 'pass' }, stats: { workers: 0 } });
    const rest = [hopeless, { ...hopeless, key: 'hopeless too' }, { ...hopeless, key: 'hopeless as well' }];
    const stuck = await check(switches, rooms(rest), { ...helped, timeLimitMs: 600 });
    expect(stuck).toMatchObject({ verdict: { kind: 'undecided' }, stats: { workers: 2, keysDecided: 0 } });
    expect(stuck.perKey.map((key) => 'why' in key && key.why)).toEqual(['out of time', 'out of time', 'out of time']);
  });

  test('find what is legal, too', async () => {
    // Presses of unknown outcome: some of them must have happened, another choice on each key, and the search has to
    // find out which.
    const choices = [0, 1, 2, 3, 4].map((skip) => [...Array(14).keys()].filter((input) => input % 5 !== skip));
    const sumOf = (inputs: readonly number[]) => inputs.reduce((sum, input) => sum + 2 ** input, 0);
    const unknown = choices.map((inputs, key) => ({
      key: `k${key}`,
      switches: 14,
      seen: sumOf(inputs),
      unknown: true,
    }));
    const options = { ...helped, workers: 1, helpAfterMs: 5, linearizations: true };
    const { verdict, perKey, stats } = await check(switches, rooms(unknown), options);
    expect(verdict).toEqual({ kind: 'pass' });
    expect(stats.workers).toBe(1);
    for (const [at, key] of perKey.entries()) {
      const first = at * 15;
      const order = key.kind === 'pass' ? key.linearization! : [];
      expect(order.toSorted((a, b) => a - b)).toEqual([...choices[at]!, 14].map((input) => first + input));
    }
  });

  test('are not called for a model that only the caller has', async () => {
    const rest = [hopeless, { ...hopeless, key: 'hopeless too' }];
    const { stats } = await check(switches, rooms(rest), { workers: 2, timeLimitMs: 300, helpAfterMs: 50 });
    expect(stats.workers).toBe(0);
  });
});

const verdictOfKey = ({ key, kind, operations }: { key: unknown; kind: string; operations: number }) => ({
  key,
  kind,
  operations,
});
