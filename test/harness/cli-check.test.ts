import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { writeJsonLines } from '../../checkers/history/jsonl.ts';
import { type Call, events } from '../checkers/linearizability/recording.ts';
import { faultline, start, temporaryStore } from './command-line.ts';

const store = temporaryStore();
afterAll(() => store.remove());

/** One call after the other: what was done, on which key, with which value. */
type Step = readonly [f: string, key: string, value: number | null];

function file(name: string, ...steps: readonly Step[]): string {
  const calls = steps.map(([f, key, value], at): Call => {
    const answer = f === 'read' ? { output: value } : { input: value };
    return { f, key, ...answer, outcome: 'ok', invokedAt: 2 * at, returnedAt: 2 * at + 1 };
  });
  const path = join(store.path, name);
  writeFileSync(path, writeJsonLines(events(calls)));
  return path;
}

const models = join(import.meta.dirname, 'models');
const maxRegister = join(import.meta.dirname, '../checkers/user-model/max-register.ts');
const check = (...args: string[]) => faultline('check', ...args);
const lines = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const legal = file('legal.jsonl', ['write', 'x', 1], ['read', 'x', 1], ['write', 'y', 2]);
const stale = file('stale.jsonl', ['write', 'x', 1], ['write', 'x', 2], ['read', 'x', 1], ['write', 'y', 2]);

describe('what is printed', () => {
  test('several files in one process: one object for each, the exit code of the gravest', async () => {
    const { stdout, code } = await check(legal, stale, '--model', 'kv', '--json');
    const [pass, violation] = lines(stdout);
    expect(Object.keys(pass)).toEqual(['file', 'verdict', 'operations', 'keys', 'procedure', 'parseMs', 'checkMs']);
    expect(pass).toMatchObject({ file: legal, verdict: 'pass', operations: 3, keys: 2 });
    expect(violation).toMatchObject({ verdict: 'violation', why: expect.stringMatching(/not linearizable/) });
    expect(violation.indexes).toContain(4);
    expect(violation.weaker).toMatch(/^Stale but ordered/);
    expect(code).toBe(1);
  });

  test('the answer for each key', async () => {
    const { stdout } = await check(stale, '--model', 'kv', '--json', '--per-key');
    expect(lines(stdout)[0].perKey).toMatchObject([
      { key: 'x', verdict: 'violation', operations: 3, paragraph: expect.any(String) },
      { key: 'y', verdict: 'pass', operations: 1 },
    ]);
  });

  test('for people: the verdict first, then why, and the few operations that matter', async () => {
    const { stdout } = await check(stale, '--model', 'kv', '--per-key');
    const [first, blank, ...rest] = stdout.split('\n');
    expect(first).toMatch(/^violation {2}.*stale\.jsonl {2}4 operations, 2 keys, \d+ ms {2}\(.+\)$/);
    expect(blank).toBe('');
    const text = rest.join('\n');
    expect(text).toMatch(/index +process +ms +operation\n/);
    expect(text).toMatch(/4 +2 +4\.000 – 5\.000 +read "x" -> 1\n/);
    expect(text).toMatch(/Stale but ordered: the history is sequentially consistent\./);
    expect(text).toMatch(/pass {2}key "y" {2}1 operation {2}\(/);
  });

  test('sequential consistency instead', async () => {
    const { stdout, code } = await check(stale, '--model', 'kv', '--consistency', 'sequential', '--json');
    expect(lines(stdout)[0]).toMatchObject({ verdict: 'pass', procedure: 'sequential' });
    expect(code).toBe(0);
  });
});

describe('a model of the user', () => {
  const raised = file('raised.jsonl', ['raise', 'x', 3], ['raise', 'x', 1], ['read', 'x', 3]);
  const lowered = file('lowered.jsonl', ['raise', 'x', 3], ['raise', 'x', 1], ['read', 'x', 1]);

  test('judges', async () => {
    const { stdout, code } = await check(raised, lowered, '--model', maxRegister, '--json');
    expect(lines(stdout).map(({ verdict }) => verdict)).toEqual(['pass', 'violation']);
    expect(code).toBe(1);
  });

  test('that breaks a law is undecided and says which', async () => {
    const { stdout, code } = await check(raised, '--model', join(models, 'lawless.ts'), '--json');
    expect(lines(stdout)[0]).toMatchObject({
      verdict: 'undecided',
      why: expect.stringMatching(/breaks a law: .*raise/),
    });
    expect(code).toBe(2);
  });

  test('that never comes back is undecided at the limit', async () => {
    const { stdout, code } = await check(raised, '--model', join(models, 'endless.ts'), '--json', '--time-limit', '2s');
    expect(lines(stdout)[0]).toMatchObject({ verdict: 'undecided', why: 'out of time' });
    expect(code).toBe(2);
  });

  test.each([
    ['./no-such-model.ts', /--model: no such file: '\.\/no-such-model\.ts'/],
    [join(models, 'incomplete.ts'), /incomplete\.ts: the model is incomplete: startingFrom is missing/],
    [join(import.meta.dirname, 'command-line.ts'), /must be the default export or the only one/],
    [models, /is no file/],
  ])('%s is refused', async (model, message) => {
    const { stderr, stdout, code } = await check(raised, '--model', model);
    expect(stderr).toMatch(message);
    expect({ lines: stderr.trimEnd().split('\n').length, stdout, code }).toEqual({ lines: 1, stdout: '', code: 64 });
  });
});

describe('limits', () => {
  const switches = join(import.meta.dirname, '../checkers/check/switches.ts');
  const presses = Array.from({ length: 40 }, (_, input) => input);

  /** All presses at once: more than any check can do. */
  function hopeless(): string {
    const open = presses.map((input) => ({ f: 'press', key: 'x', input, outcome: 'ok' as const, invokedAt: input }));
    const calls: Call[] = open.map((press) => ({ ...press, returnedAt: 100 + press.input }));
    const path = join(store.path, 'hopeless.jsonl');
    const look: Call = { f: 'look', key: 'x', output: 1, outcome: 'ok', invokedAt: 200, returnedAt: 201 };
    writeFileSync(path, writeJsonLines(events([...calls, look])));
    return path;
  }

  test('on time: undecided, and how far it got', async () => {
    const { stdout, code } = await check(hopeless(), '--model', switches, '--json', '--time-limit', '2s');
    const why = /out of time on key "x" after explaining 40 of 41 operations/;
    expect(lines(stdout)[0]).toMatchObject({ verdict: 'undecided', why: expect.stringMatching(why) });
    expect(code).toBe(2);
  });

  test('on memory: of the whole process', async () => {
    const { stdout, code } = await check(hopeless(), '--model', switches, '--json', '--memory-limit', '130M');
    expect(lines(stdout)[0]).toMatchObject({ verdict: 'undecided', why: expect.stringMatching(/out of memory/) });
    expect(code).toBe(2);
  });

  test('on memory, for the history alone', async () => {
    const { stdout, code } = await check(hopeless(), '--model', switches, '--json', '--memory-limit', '10M');
    expect(lines(stdout)[0]).toMatchObject({
      verdict: 'undecided',
      why: 'out of memory while the history was read',
      operations: 0,
    });
    expect(code).toBe(2);
  });

  test('Ctrl-C while a model computes: undecided, and the other files are left alone', async () => {
    const raised = file('raised-too.jsonl', ['raise', 'x', 3], ['read', 'x', 3]);
    const started = start(['check', raised, raised, '--model', join(models, 'endless.ts'), '--json']);
    await started.said('stepping');
    started.child.kill('SIGINT');
    const { stdout, code } = await started.ended;
    expect(lines(stdout)).toMatchObject([{ verdict: 'undecided', why: 'cancelled' }]);
    expect(code).toBe(2);
  });
});
