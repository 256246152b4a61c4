import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../../harness/cli/faultline.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard error has said this. */
  said(text: string): Promise<void>;
}

/** Runs `faultline` as a user would, in a process of its own. */
export function start(args: readonly string[], script = main): Started {
  const began = performance.now();
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let wake = (): void => undefined;
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    wake();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => {
      resolve({ code, stdout, stderr, ms: performance.now() - began });
      wake();
    });
  });
  const said = async (text: string): Promise<void> => {
    while (!stderr.includes(text)) {
      if (child.exitCode !== null) throw new Error(`it ended without saying '${text}': ${stderr}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { child, ended, said };
}

export const faultline = (...args: string[]): Promise<Ended> => start(args).ended;

/** A store of its own, removed by `remove`. */
export function temporaryStore(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
