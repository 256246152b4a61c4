import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

test('the example of "Use the checker alone" prints what the README says', () => {
  const section = readFileSync(join(root, 'README.md'), 'utf8').split('## Use the checker alone')[1]!;
  const example = /```ts\n([\s\S]*?)```/.exec(section)![1]!;
  const printed = /```text\n([\s\S]*?)```/.exec(section)![1]!;
  // Beside package.json, as a reader would put it; Node strips types only outside node_modules.
  const folder = mkdtempSync(join(root, '.readme-example-'));
  try {
    writeFileSync(join(folder, 'example.ts'), example.replace("'./checkers/", "'../checkers/"));
    const output = execFileSync(process.execPath, [join(folder, 'example.ts')], { encoding: 'utf8' });
    expect(output).toBe(printed);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
