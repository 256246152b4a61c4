import { expect, test } from 'vitest';
import type { History } from '../../../checkers/history/history.ts';
import { split } from '../../../checkers/linearizability/part.ts';
import { models } from '../../../checkers/models/models.ts';
import { pack, transferable, unpack } from '../../../checkers/parallel/packed.ts';
import { generated } from '../linearizability/generated.ts';
import { objects } from '../linearizability/objects.ts';
import { record } from '../linearizability/recording.ts';

test('parts that were sent to another thread are the parts that they were', () => {
  let parts = 0;
  for (const object of objects) {
    for (const failedCas of ['ignore', 'assert'] as const) {
      for (let seed = 1; seed <= 100; seed++) {
        const history = record(generated(object, seed, 10), seed % 2 === 0);
        const { partition } = models.get(object.model)!;
        const all = split(history, partition, failedCas);
        const some = all.filter((_, at) => all.length < 2 || at !== seed % all.length);
        const packed = pack(history, some);
        const sent = unpack(structuredClone(packed, { transfer: transferable(packed) }));
        const again = split(sent, partition, failedCas);
        expect(again.map(({ events, definite }) => ({ events, definite }))).toEqual(
          some.map(({ events, definite }) => ({ events: events.slice(), definite: definite.slice() })),
        );
        const rows = (of: History, ops: readonly Int32Array[]) => ops.map((own) => [...own].map((op) => row(of, op)));
        expect(
          rows(
            sent,
            again.map(({ ops }) => ops),
          ),
        ).toEqual(
          rows(
            history,
            some.map(({ ops }) => ops),
          ),
        );
        parts += some.length;
      }
    }
  }
  expect(parts).toBeGreaterThan(1000);
});

const row = (history: History, op: number) => ({ ...history.operation(op), op: 0 });
