import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readHistory } from '../../../checkers/history/format.ts';
import type { Value } from '../../../checkers/history/operation.ts';
import { checkLinearizability } from '../../../checkers/linearizability/linearizability.ts';
import { models } from '../../../checkers/models/models.ts';

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const corpus = process.env.FAULTLINE_CORPUS ?? join(repository, '../shared/histories');
const index = join(corpus, 'verdicts.json');

interface Known {
  /** A model's name, and perhaps remarks in parentheses. */
  readonly model: string;
  readonly 'failed-cas'?: 'asserts' | 'dropped';
  readonly linearizable: boolean;
}

/** What objects hold at first, where it is not what their model says. */
const initial: Readonly<Record<string, Value>> = { kv: '', 'multi-register': 0 };

describe.skipIf(!existsSync(index))(
  'recorded histories with known verdicts (skipped where FAULTLINE_CORPUS is absent)',
  () => {
    const verdicts = existsSync(index) ? (JSON.parse(readFileSync(index, 'utf8')) as Record<string, Known>) : {};
    const judged = Object.entries(verdicts).filter(([, known]) => typeof known.linearizable === 'boolean');

    test('there are as many as the corpus is known to have', () => {
      expect(judged.length).toBeGreaterThanOrEqual(62);
    });

    for (const [file, known] of judged) {
      test(`${file}: ${known.linearizable ? 'linearizable' : 'not linearizable'}`, () => {
        const read = readHistory(readFileSync(join(corpus, file)), { name: file });
        if (read.kind === 'malformed') throw new Error(JSON.stringify(read.problems));
        const name = known.model.split(' ')[0]!;
        const options = {
          failedCas: known['failed-cas'] === 'asserts' ? 'assert' : 'ignore',
          stepLimit: 1_000_000,
          ...(name in initial ? { initial: initial[name]! } : {}),
        } as const;
        const { verdict } = checkLinearizability(models.get(name)!, read.history, options);
        expect(verdict.kind).toBe(known.linearizable ? 'pass' : 'violation');
        if (verdict.kind === 'violation') expect(verdict.operations.length).toBeGreaterThan(0);
      });
    }
  },
);
