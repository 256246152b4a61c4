import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { Follower } from '../../checkers/follow/follower.ts';
import type { LooseEvent } from '../../checkers/history/event.ts';
import { kv } from '../../checkers/models/kv.ts';
import type { AnyModel } from '../../checkers/models/model.ts';
import { type Followed, followFile } from '../../harness/follow/follow.ts';
import { followable, followableWorkloads } from '../../harness/follow/followable.ts';
import { FileChanged } from '../../harness/follow/tail.ts';
import { workloads } from '../../harness/workloads/catalogue.ts';
import { temporaryStore } from './command-line.ts';

const folder = temporaryStore();
afterAll(() => folder.remove());

let files = 0;
let path = '';
beforeEach(() => {
  path = join(folder.path, `${++files}.jsonl`);
});

const write = (process: number, value: number): LooseEvent[] => [
  { process, type: 'invoke', f: 'write', value },
  { process, type: 'ok', f: 'write', value },
];
const read = (process: number, value: number | null): LooseEvent[] => [
  { process, type: 'invoke', f: 'read' },
  { process, type: 'ok', f: 'read', value },
];
const lines = (...events: LooseEvent[][]): string =>
  events
    .flat()
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('');

interface Started {
  readonly follower: Follower;
  readonly over: () => void;
  readonly interrupt: () => void;
  readonly ended: Promise<Followed>;
}

function start(options: { readonly idleMs?: number } = {}): Started {
  const follower = new Follower(kv as AnyModel);
  const interrupted = new AbortController();
  const over = new AbortController();
  const ended = followFile(path, {
    follower,
    signal: interrupted.signal,
    isOver: () => Promise.resolve(over.signal.aborted),
    ...options,
  });
  return { follower, over: () => over.abort(), interrupt: () => interrupted.abort(), ended };
}

const untilSeen = async (follower: Follower, operations: number): Promise<void> => {
  while (follower.counts.operations < operations) await pause(10);
};

describe('a file that grows', () => {
  test('is judged as it comes, lines and characters cut anywhere, until it is over', async () => {
    writeFileSync(path, '');
    const { follower, over, ended } = start();
    const bytes = Buffer.from(lines(write(0, 1), read(1, 1), [{ process: 0, type: 'invoke', f: 'write', value: 'ü' }]));
    for (let at = 0; at < bytes.length; at += 37) {
      appendFileSync(path, bytes.subarray(at, at + 37));
      await pause(5);
    }
    await untilSeen(follower, 2);
    over();
    expect((await ended).end).toBe('over');
    expect(follower.standing).toEqual({ kind: 'pass' });
    expect(follower.counts).toMatchObject({ events: 5, operations: 3, keys: 1 });
  });

  test('ends the following with its violation, while it is still being written', async () => {
    writeFileSync(path, lines(write(0, 1), write(0, 2)));
    const { follower, ended } = start();
    await untilSeen(follower, 2);
    appendFileSync(path, lines(read(1, 1)));
    expect((await ended).end).toBe('violation');
    expect(follower.violation).toMatchObject({ operation: 4, events: 6 });
  });

  test('shows a violation although a call hangs that was there before', async () => {
    writeFileSync(path, lines([{ process: 9, type: 'invoke', f: 'cas', value: [0, 7] }], write(0, 1), write(0, 1)));
    const { follower, ended } = start();
    await pause(300);
    expect(follower.violation).toBeUndefined();
    appendFileSync(path, lines(write(0, 2), read(1, 1)));
    expect((await ended).end).toBe('violation');
  }, 10_000);

  test('ends when it is interrupted, or when nothing is written any more; what is open is unknown', async () => {
    writeFileSync(path, lines(write(0, 1), [{ process: 0, type: 'invoke', f: 'write', value: 2 }], read(1, 2)));
    const one = start();
    await untilSeen(one.follower, 2);
    one.interrupt();
    expect((await one.ended).end).toBe('interrupted');
    expect(one.follower.standing).toEqual({ kind: 'pass' });
    const other = start({ idleMs: 50 });
    expect((await other.ended).end).toBe('idle');
    expect(other.follower.standing).toEqual({ kind: 'pass' });
  });

  test('a last line that was cut off is dropped, any other that is no event leaves the verdict to the checkers', async () => {
    writeFileSync(path, `${lines(write(0, 1))}{"process":1,"ty`);
    const cut = start({ idleMs: 50 });
    await cut.ended;
    expect(cut.follower.standing).toEqual({ kind: 'pass' });
    appendFileSync(path, 'pe":"invoke"\n');
    const broken = start({ idleMs: 50 });
    await broken.ended;
    expect(broken.follower.standing).toMatchObject({ kind: 'open', why: expect.stringContaining('line 3') });
  });

  test('that is cut short or replaced is an error', async () => {
    writeFileSync(path, lines(write(0, 1), write(0, 2)));
    const short = start();
    await untilSeen(short.follower, 2);
    truncateSync(path, 10);
    await expect(short.ended).rejects.toThrow(FileChanged);
    const replaced = start();
    await pause(150);
    writeFileSync(`${path}.new`, lines(write(0, 1), write(0, 2)));
    renameSync(`${path}.new`, path);
    await expect(replaced.ended).rejects.toThrow(/was replaced/);
  });
});

describe('what can be followed', () => {
  test('is linearizability, with the model that the workload names', () => {
    expect(followableWorkloads()).toEqual(['register', 'counter', 'lock']);
    for (const { checkers } of workloads) {
      const checker = followable(checkers());
      if (checker !== undefined) expect(checker.name).toBe(`linearizable ${checker.asks.model.name}`);
    }
  });
});
