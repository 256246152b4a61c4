import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readHistory } from '../../../checkers/history/format.ts';
import { pair } from '../../../checkers/history/pairing.ts';

const corpus = process.env.FAULTLINE_CORPUS ?? join(import.meta.dirname, '../../../../shared/histories');
const verdicts = join(corpus, 'verdicts.json');

/** Recorded histories of others, kept outside the repository (FAULTLINE_CORPUS). */
describe.skipIf(!existsSync(verdicts))('the corpus (skipped where FAULTLINE_CORPUS is absent)', () => {
  const files = existsSync(verdicts)
    ? readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((file) =>
        /\.(log|edn)$|^transactions.*json$/.test(file),
      )
    : [];

  test('has every file that has a verdict', () => {
    const judged = Object.keys(JSON.parse(readFileSync(verdicts, 'utf8')) as object);
    expect(judged.length).toBeGreaterThan(50);
    expect(files).toEqual(expect.arrayContaining(judged));
  });

  test.each(files.filter((file) => !file.endsWith('.json')))('%s is read whole', (file) => {
    const text = readFileSync(join(corpus, file), 'utf8');
    const paired = readHistory(text);
    if (paired.kind === 'malformed') throw new Error(JSON.stringify(paired.problems));
    const { history } = paired;
    const uncommented = text.replace(/^\s*;.*$/gm, '');
    expect(history.length).toBe(uncommented.match(/:invoke\b/g)?.length);
    expect(history.eventCount).toBe(uncommented.match(/:(invoke|ok|fail|info)\b/g)?.length);
    const count = (outcome: number) => history.outcome.filter((code) => code === outcome).length;
    expect(count(0)).toBe(uncommented.match(/:ok\b/g)?.length);
    expect(count(1)).toBe(uncommented.match(/:fail\b/g)?.length ?? 0);
    const asked = [...Array(history.names.size).keys()].map((id) => history.names.get(id));
    expect(vocabulary(file)).toEqual(expect.arrayContaining(asked));
  });

  const sizes: Readonly<Record<string, number>> = {
    'kv-append/c01-bad.edn': 38,
    'kv-append/c10-ok.edn': 337,
    'cas-register/bad-cas-failure.edn': 291,
    'cas-register/bad-rethink-fail-minimal.edn': 4,
    'cas-register/good-cas-register-bug.edn': 6,
    'etcd-logs/etcd_000.log': 85,
    'good-multi-register.edn': 123,
  };
  test.each(Object.entries(sizes))('%s has %i operations', (file, operations) => {
    expect(readHistory(readFileSync(join(corpus, file)))).toMatchObject({ history: { length: operations } });
  });

  const transactions = files.filter((file) => file.endsWith('.json'));
  test.skipIf(transactions.length === 0).each(transactions)('%s is paired', (file) => {
    const { history } = JSON.parse(readFileSync(join(corpus, file), 'utf8'));
    expect(pair(history)).toMatchObject({ kind: 'history', warnings: [] });
  });
});

/** What may be asked in each folder, in faultline's words. */
function vocabulary(file: string): readonly string[] {
  if (file.startsWith('kv-append')) return ['append', 'read', 'write'];
  return file.includes('multi-register') ? ['txn'] : ['read', 'write', 'cas'];
}
