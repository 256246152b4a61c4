/**
 * `npm run bench follow [MINUTES]`: `faultline check --follow` on histories that are written at 2,000 operations a
 * second, its memory minute by minute, and its verdict beside the offline one. Ten minutes if not said.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { print } from '../print.ts';
import { checkFile, faultline, withFile } from './file.ts';
import type { Workload } from './generator.ts';

const operationsPerSecond = 2000;
const minutes = Number(process.argv[2] ?? 10);
const operations = operationsPerSecond * 60 * minutes;

const histories: readonly Workload[] = [
  { name: 'unique writes on one key', object: 'cell', model: 'register', operations, processes: 10, unknown: 0.001 },
  {
    name: 'compare-and-set on rotating keys',
    object: 'cell',
    model: 'kv',
    operations,
    processes: 10,
    keys: 3,
    rotate: 150,
    unknown: 0.001,
    mix: { read: 0.5, write: 0.25, cas: 0.25 },
  },
];

print(`check --follow, ${minutes} min`, await Promise.all(histories.map(followed)));

async function followed(workload: Workload) {
  return withFile(workload, async (whole) => {
    const growing = `${whole}.growing`;
    writeFileSync(growing, '');
    const args = ['check', growing, '--follow', '--model', workload.model, '--json'];
    const child = spawn(process.execPath, [faultline, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString();
    });
    const ended = once(child, 'exit');
    const rss: Record<string, number> = {};
    await paced(whole, growing, (minute) => {
      rss[`${minute} min`] = residentMb(child.pid!);
    });
    await sleep(1000);
    child.kill('SIGINT');
    await ended;
    const last = JSON.parse(output.trim().split('\n').at(-1)!) as { verdict: string };
    const offline = checkFile(whole, ['--model', workload.model]).answer.verdict;
    return { history: workload.name, verdict: last.verdict, offline, ...rss };
  });
}

/** Copies the file line by line, as fast as a run would have written it. */
async function paced(from: string, to: string, onMinute: (minute: number) => void): Promise<void> {
  const perTick = (operationsPerSecond * 2) / 20;
  const began = performance.now();
  let ticks = 0;
  let lines: string[] = [];
  for await (const line of createInterface({ input: createReadStream(from) })) {
    if (lines.push(line) < perTick) continue;
    appendFileSync(to, `${lines.join('\n')}\n`);
    lines = [];
    if (++ticks % 1200 === 0) onMinute(ticks / 1200);
    await sleep(Math.max(0, began + ticks * 50 - performance.now()));
  }
  if (lines.length > 0) appendFileSync(to, `${lines.join('\n')}\n`);
}

function residentMb(pid: number): number {
  const line = /VmRSS:\s+(\d+)/.exec(readFileSync(join('/proc', String(pid), 'status'), 'utf8'));
  return Math.round(Number(line?.[1] ?? 0) / 1024);
}
