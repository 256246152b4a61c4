import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeEdn } from '../../checkers/history/edn.ts';
import { readHistory } from '../../checkers/history/format.ts';
import { writeJsonLines } from '../../checkers/history/jsonl.ts';
import { readHistoryFile } from '../../harness/store/read-history-file.ts';
import { dumpPaired } from '../checkers/history/dump.ts';
import { recorded } from '../checkers/history/recorded.ts';
import { Random } from '../checkers/linearizability/random.ts';

const directory = mkdtempSync(join(tmpdir(), 'faultline-read-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, contents: string): string {
  const path = join(directory, name);
  writeFileSync(path, contents);
  return path;
}

test.each([
  ['history.jsonl', writeJsonLines],
  ['history.edn', writeEdn],
])('%s of several pieces is read as it is from memory', (name, write) => {
  const text = write(recorded(new Random(1), 10_000, { wrong: 0 }));
  expect(text.length).toBeGreaterThan(3 * 256 * 1024);
  const [fromFile, fromMemory] = [readHistoryFile(file(name, text)), readHistory(text)];
  expect(JSON.stringify(dumpPaired(fromFile))).toBe(JSON.stringify(dumpPaired(fromMemory)));
});

test('an empty file is a history or not by its name', () => {
  expect(readHistoryFile(file('empty.jsonl', ''))).toMatchObject({ kind: 'history', history: { length: 0 } });
  expect(readHistoryFile(file('empty', ''))).toMatchObject({ kind: 'malformed' });
});

test('what the options say goes before what the name says', () => {
  const path = file('lines.edn', '{"process":0,"type":"invoke","f":"read"}\n');
  expect(readHistoryFile(path, { format: 'jsonl' })).toMatchObject({ kind: 'history', history: { length: 1 } });
});

test('a file that is not there is an error of the file system', () => {
  expect(() => readHistoryFile(join(directory, 'absent'))).toThrow('ENOENT');
});
