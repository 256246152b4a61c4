import { describe, expect, test } from 'vitest';
import type { Value } from '../../../../checkers/history/operation.ts';
import { fifoQueueMonitor, unorderedQueueMonitor } from '../../../../checkers/linearizability/monitors/queue/queue.ts';
import { generated } from '../generated.ts';
import { objects, type SequentialObject } from '../objects.ts';
import { Random } from '../random.ts';
import { agreesWithDefinition, agreesWithSearch, expectReasons, noCounts } from './agreement.ts';

const small = 25_000;
const middle = 800;

const queues = [
  ['fifo-queue', fifoQueueMonitor],
  ['unordered-queue', unorderedQueueMonitor],
] as const;

/** The object with other values each time, from 0 up, so that the lies of `generated` meet some. */
function distinct(model: string, seed: number): { object: SequentialObject; initial?: Value } {
  const object = objects.find((candidate) => candidate.model === model)!;
  const random = new Random(seed);
  const fresh = random.pick<readonly Value[]>([[], [], [-1], [-1, -2]]);
  let next = 0;
  const enqueues = random.pick([0.4, 0.5, 0.65]);
  const ask = (choice: Random) =>
    choice.chance(enqueues) ? { f: 'enqueue', input: choice.chance(0.003) ? 0 : next++ } : { f: 'dequeue' };
  return { object: { ...object, keyed: false, fresh, ask }, ...(fresh.length === 0 ? {} : { initial: fresh }) };
}

describe.each(queues)('the monitor of a %s', (model, monitor) => {
  test('agrees with the definition', { timeout: 600_000 }, () => {
    const counts = noCounts();
    for (let seed = 1; seed <= small; seed++) {
      const { object, initial } = distinct(model, seed);
      const calls = generated(object, seed, 8);
      agreesWithDefinition({ monitor, object, calls, ...(initial === undefined ? {} : { initial }) }, counts);
    }
    expect(counts.legal).toBeGreaterThan(small / 4);
    expect(counts.illegal).toBeGreaterThan(small / 8);
    expect(counts.notApplicable).toBeLessThan(small / 20);
    const patterns = [/nobody had put/, /put in once/, /had returned before/, /found the queue empty/];
    const overtaking = [/nobody had taken/, /took, later/, /unknown outcome/];
    expectReasons(counts, model === 'fifo-queue' ? [...patterns, ...overtaking] : patterns);
  });

  test('agrees with the search on longer histories', { timeout: 600_000 }, () => {
    const counts = noCounts();
    for (let seed = 1; seed <= middle; seed++) {
      const { object, initial } = distinct(model, seed);
      const calls = generated(object, seed, 70);
      agreesWithSearch({ monitor, object, calls, ...(initial === undefined ? {} : { initial }) }, counts, 5000);
    }
    expect(counts.legal).toBeGreaterThan(middle / 8);
    expect(counts.illegal).toBeGreaterThan(middle / 8);
  });
});
