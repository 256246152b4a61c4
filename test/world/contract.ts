import { expect, test } from 'vitest';
import type { Disk, World } from '../../system-under-test/world/world.ts';

/** Two nodes, `a` and `b`, that can reach each other, and what a test may do to them. */
export interface Stage {
  readonly a: World;
  readonly b: World;
  /** Lets so much true time pass. */
  pass(ms: number): Promise<void>;
  /** Ends node a's process and returns the disk as its next life finds it. */
  crashA(): Promise<Disk>;
  close(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (records: readonly Uint8Array[]): readonly string[] =>
  records.map((one) => new TextDecoder().decode(one));

/** What every world must do, real or simulated. `open` gives a fresh stage. */
export function worldContract(open: () => Promise<Stage>): void {
  const on = (name: string, run: (stage: Stage) => Promise<void>) =>
    test(name, async () => {
      const stage = await open();
      try {
        await run(stage);
      } finally {
        await stage.close();
      }
    });

  on('monotonic time advances and never goes back', async ({ a, pass }) => {
    const before = a.clock.monotonicMs();
    await pass(20);
    const after = a.clock.monotonicMs();
    expect(after - before).toBeGreaterThanOrEqual(19);
    expect(a.clock.monotonicMs()).toBeGreaterThanOrEqual(after);
  });

  on('wall time is milliseconds since 1970', async ({ a }) => {
    expect(a.clock.wallMs()).toBeGreaterThan(Date.UTC(2020));
  });

  on('a timer runs once, never early', async ({ a, pass }) => {
    const dueMs = a.clock.monotonicMs() + 30;
    const ranAtMs: number[] = [];
    a.clock.after(30, () => ranAtMs.push(a.clock.monotonicMs()));
    await pass(200);
    expect(ranAtMs).toHaveLength(1);
    expect(ranAtMs[0]).toBeGreaterThanOrEqual(dueMs);
  });

  on('a cancelled timer does not run', async ({ a, pass }) => {
    let runs = 0;
    a.clock.after(20, () => runs++).cancel();
    await pass(100);
    expect(runs).toBe(0);
  });

  on('a message arrives with its sender, as JSON carries it, in order', async ({ a, b, pass }) => {
    const received: unknown[] = [];
    b.network.receive((from, message) => received.push([from, message]));
    a.network.receive(() => {});
    await pass(300);
    a.network.send('b', { n: 1, text: 'ä\n"', deep: [null, { x: true }] });
    a.network.send('b', { n: 2 });
    await pass(200);
    expect(received).toEqual([
      ['a', { n: 1, text: 'ä\n"', deep: [null, { x: true }] }],
      ['a', { n: 2 }],
    ]);
  });

  on('sending to a node that does not exist is no error', async ({ a, pass }) => {
    a.network.send('nobody', { n: 1 });
    await pass(10);
  });

  on('what was synced survives a crash; what was only appended is lost', async ({ a, crashA }) => {
    await a.disk.readLog('log');
    a.disk.append('log', bytes('one'));
    a.disk.append('log', bytes(''));
    await a.disk.sync();
    a.disk.append('log', bytes('two'));
    const disk = await crashA();
    expect(texts(await disk.readLog('log'))).toEqual(['one', '']);
  });

  on('all syncs that are asked for resolve, and cover what came before them', async ({ a, crashA }) => {
    await a.disk.readLog('log');
    const syncs: Promise<void>[] = [];
    for (let n = 0; n < 50; n++) {
      a.disk.append('log', bytes(String(n)));
      syncs.push(a.disk.sync());
    }
    await Promise.all(syncs);
    const disk = await crashA();
    expect(texts(await disk.readLog('log'))).toEqual(Array.from({ length: 50 }, (_, n) => String(n)));
  });

  on('a log can be appended to after it was read again', async ({ a, crashA }) => {
    a.disk.append('log', bytes('one'));
    await a.disk.sync();
    const disk = await crashA();
    await disk.readLog('log');
    disk.append('log', bytes('two'));
    await disk.sync();
    expect(texts(await disk.readLog('log'))).toEqual(['one', 'two']);
  });

  on('rewriting takes the place of all records, also of those not yet synced', async ({ a, crashA }) => {
    a.disk.append('log', bytes('old'));
    await a.disk.sync();
    a.disk.append('log', bytes('older'));
    const rewritten = a.disk.rewriteLog('log', [bytes('base')]);
    a.disk.append('log', bytes('later'));
    await Promise.all([rewritten, a.disk.sync()]);
    const disk = await crashA();
    expect(texts(await disk.readLog('log'))).toEqual(['base', 'later']);
  });

  on('a sync that was asked for before a rewrite resolves', async ({ a, crashA }) => {
    a.disk.append('log', bytes('x'));
    const first = a.disk.sync();
    a.disk.append('log', bytes('y'));
    const second = a.disk.sync();
    await Promise.all([first, second, a.disk.rewriteLog('log', [bytes('z')])]);
    const disk = await crashA();
    expect(texts(await disk.readLog('log'))).toEqual(['z']);
  });

  on('a file is whole: absent, then what was written last', async ({ a, crashA }) => {
    expect(await a.disk.readFile('file')).toBeUndefined();
    await Promise.all([a.disk.writeFile('file', bytes('first')), a.disk.writeFile('file', bytes('second'))]);
    const disk = await crashA();
    expect(new TextDecoder().decode(await disk.readFile('file'))).toBe('second');
  });

  on('chance is uniform enough, in [0, 1), and differs between nodes', async ({ a, b }) => {
    const drawn = Array.from({ length: 2000 }, () => a.random.next());
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
    const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
    expect(Array.from({ length: 5 }, () => b.random.next())).not.toEqual(drawn.slice(0, 5));
  });
}
