import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serializeEvent } from '../../../checkers/history/jsonl.ts';
import { generate, type Workload } from './generator.ts';

export const faultline = join(import.meta.dirname, '../../../harness/cli/faultline.js');
const measure = join(import.meta.dirname, 'at-exit.ts');

export interface WholeProcess {
  readonly exitCode: number | null;
  /** The last line that it printed, as JSON. */
  readonly answer: {
    readonly verdict: string;
    readonly procedure: string;
    readonly parseMs: number;
    readonly checkMs: number;
  };
  readonly wallMs: number;
  readonly peakMb: number;
}

/** Hands a file with the workload's history to `use`, and removes it afterwards. */
export async function withFile<T>(workload: Workload, use: (path: string) => T): Promise<Awaited<T>> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  try {
    const path = join(folder, 'history.jsonl');
    write(workload, path);
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `faultline check FILE --json …` in a process of its own. */
export function checkFile(path: string, args: readonly string[]): WholeProcess {
  const told = `${path}.usage`;
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', measure, faultline, 'check', path, '--json', ...args],
    { encoding: 'utf8', env: { ...process.env, FAULTLINE_USAGE_FILE: told }, maxBuffer: 2 ** 28 },
  );
  const wallMs = performance.now() - began;
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`faultline check failed: ${stderr}${stdout}`);
  return { exitCode: status, answer: JSON.parse(last), wallMs, peakMb: Number(readFileSync(told, 'utf8')) / 1024 };
}

function write(workload: Workload, path: string): void {
  const file = openSync(path, 'w');
  let lines: string[] = [];
  const flush = (): void => {
    writeSync(file, lines.join(''));
    lines = [];
  };
  generate(workload, 1, (event) => {
    lines.push(`${serializeEvent(event)}\n`);
    if (lines.length === 10_000) flush();
  });
  flush();
  closeSync(file);
}
