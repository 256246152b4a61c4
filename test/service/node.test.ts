import { describe, expect, onTestFinished, test } from 'vitest';
import type { Operation } from '../../system-under-test/service/command.ts';
import type { Outcome } from '../../system-under-test/service/requests.ts';
import { SimulatedCluster } from './cluster.ts';

async function start(options: Parameters<typeof SimulatedCluster.start>[0] = {}): Promise<SimulatedCluster> {
  const cluster = await SimulatedCluster.start(options);
  onTestFinished(() => expect(cluster.failures).toEqual([]));
  return cluster;
}

const write = (key: string, value: number): Operation => ({ op: 'write', key, value });
const append = (value: number): Operation => ({ op: 'append', key: 'list', value });

describe('requests', () => {
  test('any node takes any request, and every node reads what was written', async () => {
    const cluster = await start();
    await cluster.leader();
    for (const [n, id] of cluster.ids.entries()) {
      expect(await cluster.update(id, write('x', n))).toMatchObject({ ok: true });
      for (const reader of cluster.ids) expect(await cluster.read(reader, 'x')).toMatchObject({ ok: true, value: n });
    }
    expect(new Set(await cluster.settledDigests()).size).toBe(1);
  });

  test('without a leader an update is refused definitely, a read too', async () => {
    const cluster = await start();
    expect(await cluster.update('n1', write('x', 1))).toMatchObject({ ok: false, code: 'no-leader', definite: true });
    expect(await cluster.read('n1', 'x')).toMatchObject({ ok: false, definite: true });
  });

  test('a leader that is cut off calls what it took indefinite: it may still be committed', async () => {
    const cluster = await start();
    const leader = await cluster.leader();
    cluster.isolate(leader);
    const answer = await cluster.update(leader, append(1));
    expect(answer).toMatchObject({ ok: false, definite: false });
  });

  test('what a cut-off leader appended and lost never appears; what it is asked afterwards is refused definitely', async () => {
    const cluster = await start();
    const old = await cluster.leader();
    cluster.isolate(old);
    const lost = cluster.ask(old, append(1));
    const next = await cluster.leader(old);
    expect(await cluster.update(next, append(2))).toMatchObject({ ok: true });
    expect(await cluster.answered(lost)).toMatchObject({ ok: false, definite: false });
    expect(await cluster.update(old, append(3))).toMatchObject({ ok: false, definite: true });
    cluster.heal();
    await cluster.settledDigests();
    expect(await cluster.read(old, 'list')).toMatchObject({ ok: true, value: [2] });
  });

  test('a request that was forwarded and may have arrived is indefinite, and executed at most once', async () => {
    const cluster = await start();
    const [leader, follower] = [await cluster.leader(), await cluster.follower()];
    cluster.universe.cut = (from, to) => from === leader && to === follower;
    expect(await cluster.update(follower, append(1))).toMatchObject({ ok: false, definite: false });
    cluster.heal();
    await cluster.leader();
    await cluster.settledDigests();
    const { value } = (await cluster.read(await cluster.leader(), 'list')) as { value: unknown };
    expect([null, [1]]).toContainEqual(value);
  });

  test('a network that delivers twice does not make anything happen twice', async () => {
    const cluster = await start();
    const follower = await cluster.follower();
    cluster.universe.copies = () => 2;
    for (let n = 0; n < 5; n++) expect(await cluster.update(follower, append(n))).toMatchObject({ ok: true });
    await cluster.universe.pass(200);
    expect(await cluster.read(follower, 'list')).toMatchObject({ value: [0, 1, 2, 3, 4] });
  });

  test('a late copy of a forwarded request, met after an election, is neither executed nor refused as definite', async () => {
    const cluster = await start();
    const [leader, follower] = [await cluster.leader(), await cluster.follower()];
    let copied: { from: string; to: string; message: unknown } | undefined;
    cluster.universe.copies = (from, to, message) => {
      if ((message as { kind: string }).kind === 'forward') copied = { from, to, message };
      return 1;
    };
    await cluster.update(follower, append(1));
    expect(copied?.to).toBe(leader);
    cluster.crash(leader);
    await cluster.leader();
    await cluster.boot(leader);
    await cluster.settledDigests();
    const before = await cluster.settledDigests();
    const sent: unknown[] = [];
    cluster.universe.copies = (from, _to, message) => {
      if (from === leader && (message as { kind: string }).kind === 'refused') sent.push(message);
      return 1;
    };
    cluster.universe.redeliver(copied!.from, leader, copied!.message);
    await cluster.universe.pass(100);
    expect(sent).toEqual([]);
    expect(await cluster.settledDigests()).toEqual(before);
  });

  test('a transfer moves the leadership', async () => {
    const cluster = await start();
    const [leader, follower] = [await cluster.leader(), await cluster.follower()];
    cluster.nodes.get(leader)!.transfer(follower, () => {});
    await cluster.universe.pass(200);
    expect(await cluster.leader()).toBe(follower);
  });
});

describe('crashes', () => {
  test('everything acknowledged is there after all nodes crashed at once', async () => {
    const cluster = await start();
    const leader = await cluster.leader();
    for (let n = 0; n < 20; n++) expect(await cluster.update(leader, append(n))).toMatchObject({ ok: true });
    for (const id of cluster.ids) cluster.crash(id);
    for (const id of cluster.ids) await cluster.boot(id);
    const { value } = (await cluster.read(await cluster.leader(), 'list')) as { value: unknown };
    expect(value).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  test('snapshots replace the log; a node that missed them catches up from one, sessions and locks included', async () => {
    const cluster = await start({ options: { 'snapshot-entries': '5' } });
    const [leader, away] = [await cluster.leader(), await cluster.follower()];
    const session = (await cluster.update(leader, { op: 'session' })) as { value: string };
    cluster.crash(away);
    for (let n = 0; n < 40; n++) {
      const answer = await cluster.update(leader, append(n), { client: session.value, seq: n + 1 });
      expect(answer).toMatchObject({ ok: true });
    }
    const granted = await cluster.update(leader, { op: 'acquire', lock: 'l', owner: 'a', ttlMs: 60_000, waitMs: 0 });
    expect(granted).toMatchObject({ value: { token: 1 } });
    await cluster.boot(away);
    expect(new Set(await cluster.settledDigests()).size).toBe(1);
    for (const id of cluster.ids) cluster.crash(id);
    for (const id of cluster.ids) await cluster.boot(id);
    const after = await cluster.leader();
    const list = Array.from({ length: 40 }, (_, n) => n);
    expect(await cluster.read(after, 'list')).toMatchObject({ value: list });
    expect(await cluster.update(after, append(39), { client: session.value, seq: 40 })).toMatchObject({ ok: true });
    expect(await cluster.read(after, 'list')).toMatchObject({ value: list });
    const held = await cluster.update(after, { op: 'acquire', lock: 'l', owner: 'b', ttlMs: 1000, waitMs: 0 });
    expect(held).toMatchObject({ value: { held: true } });
    expect(new Set(await cluster.settledDigests()).size).toBe(1);
  });

  test('crashes at every moment of compaction leave a node that starts and has lost nothing', async () => {
    const cluster = await start({ options: { 'snapshot-entries': '4' } });
    let next = 0;
    for (let round = 0; round < 24; round++) {
      const leader = await cluster.leader();
      const pending = [0, 1, 2, 3, 4, 5].map(() => cluster.ask(leader, append(next++)));
      await cluster.universe.pass((round % 12) + 0.5);
      const victim = cluster.ids[round % 3]!;
      cluster.crash(victim);
      await cluster.universe.pass(3);
      await cluster.boot(victim);
      if (victim === leader) continue;
      for (const answers of pending) await cluster.answered(answers);
    }
    expect(new Set(await cluster.settledDigests()).size).toBe(1);
  });
});

describe('locks by the clock of the leader', () => {
  const acquire = (owner: string, waitMs = 0): Operation => ({ op: 'acquire', lock: 'l', owner, ttlMs: 500, waitMs });

  test('a lease ends when its whole ttl has passed, not before', async () => {
    const cluster = await start();
    const leader = await cluster.leader();
    await cluster.update(leader, acquire('a'));
    await cluster.universe.pass(400);
    expect(await cluster.update(leader, acquire('b'))).toMatchObject({ value: { held: true } });
    await cluster.universe.pass(120);
    expect(await cluster.update(leader, acquire('b'))).toMatchObject({ value: { token: 2 } });
  });

  test('a renewal gives the full ttl again', async () => {
    const cluster = await start();
    const leader = await cluster.leader();
    await cluster.update(leader, acquire('a'));
    await cluster.universe.pass(400);
    expect(await cluster.update(leader, { op: 'renew', lock: 'l', owner: 'a', token: 1 })).toMatchObject({
      value: true,
    });
    await cluster.universe.pass(400);
    expect(await cluster.update(leader, acquire('b'))).toMatchObject({ value: { held: true } });
  });

  test('wall time jumps change nothing', async () => {
    const cluster = await start();
    const leader = await cluster.leader();
    await cluster.update(leader, acquire('a'));
    for (const clock of cluster.clocks.values()) clock.jump(3_600_000);
    await cluster.universe.pass(300);
    expect(await cluster.update(leader, acquire('b'))).toMatchObject({ value: { held: true } });
  });

  test('a new leader gives every lease its full ttl', async () => {
    const cluster = await start();
    const old = await cluster.leader();
    await cluster.update(old, acquire('a'));
    await cluster.universe.pass(300);
    const since = cluster.universe.nowMs;
    cluster.crash(old);
    const next = await cluster.leader();
    await cluster.universe.pass(Math.max(0, since + 300 - cluster.universe.nowMs));
    expect(await cluster.update(next, acquire('b'))).toMatchObject({ value: { held: true } });
    await cluster.universe.pass(2000);
    expect(await cluster.update(next, acquire('b'))).toMatchObject({ value: { token: 2 } });
  });

  test('a waiter is granted when the holder releases, and told when its wait is over', async () => {
    const cluster = await start();
    const [leader, follower] = [await cluster.leader(), await cluster.follower()];
    await cluster.update(leader, acquire('a'));
    const patient = cluster.ask(follower, acquire('b', 400));
    const hasty = cluster.ask(leader, acquire('c', 50));
    await cluster.universe.pass(100);
    expect([patient, hasty]).toMatchObject([[], [{ value: { held: true } }]]);
    await cluster.update(leader, { op: 'release', lock: 'l', owner: 'a', token: 1 });
    expect(await cluster.answered(patient, 50)).toMatchObject({ value: { token: 2 } });
  });

  test('a waiter whose time is over is not granted, although the timer of the paused leader has not run yet', async () => {
    const cluster = await start();
    const leader = await cluster.leader();
    await cluster.update(leader, acquire('a'));
    const waiting = cluster.ask(leader, acquire('b', 100));
    await cluster.universe.pass(50);
    // A pause: time goes on, and on waking the release is met before any timer.
    cluster.universe.nowMs += 200;
    const released = cluster.ask(leader, { op: 'release', lock: 'l', owner: 'a', token: 1 });
    expect(await cluster.answered(released)).toMatchObject({ ok: true });
    expect(waiting).toMatchObject([{ value: { held: true } }]);
    expect(await cluster.update(leader, acquire('c'))).toMatchObject({ value: { token: 2 } });
  });
});

describe('planted bugs of reading and of the disk', () => {
  // A clock that nearly stands still keeps the old leader from noticing; lease reads may assume that no clock is so slow.
  test.each([
    ['correct', [], {}, 0.01, false],
    ['correct with leases', [], { reads: 'lease' }, 1, false],
    ['stale-follower-read', ['stale-follower-read'], {}, 0.01, true],
    ['leader-local-read', ['leader-local-read'], {}, 0.01, true],
  ] as const)(
    '%s: a leader that was cut off answers with the old value: %j %j %d %s',
    async (_, bugs, options, rate, stale) => {
      const cluster = await start({ bugs, options });
      const old = await cluster.leader();
      await cluster.update(old, write('x', 1));
      cluster.isolate(old);
      cluster.clocks.get(old)!.setRate(rate);
      const next = await cluster.leader(old);
      expect(await cluster.update(next, write('x', 2))).toMatchObject({ ok: true });
      expect(await cluster.read(next, 'x')).toMatchObject({ ok: true, value: 2 });
      const answers: Outcome[] = [];
      cluster.nodes.get(old)!.read('x', (outcome) => answers.push(outcome));
      await cluster.universe.pass(500);
      expect(answers.filter((answer) => answer.ok)).toMatchObject(stale ? [{ value: 1 }] : []);
    },
  );

  test('stale-follower-read shows at followers too', async () => {
    const cluster = await start({ bugs: ['stale-follower-read'] });
    const [leader, follower] = [await cluster.leader(), await cluster.follower()];
    await cluster.update(leader, write('x', 1));
    await cluster.settledDigests();
    cluster.isolate(follower);
    await cluster.update(leader, write('x', 2));
    expect(await cluster.read(follower, 'x')).toMatchObject({ ok: true, value: 1 });
  });

  test.each([
    [[], false],
    [['lease-wall-clock'], true],
  ] as const)('a lease timed by bugs %j outlives a wall clock stepped back: %s', async (bugs, stale) => {
    const cluster = await start({ bugs, options: { reads: 'lease' } });
    const old = await cluster.leader();
    await cluster.update(old, write('x', 1));
    await cluster.read(old, 'x');
    cluster.isolate(old);
    cluster.clocks.get(old)!.jump(-60_000);
    // A lease lasts 245 ms at most, and without a majority leadership ends by itself after 300: ask in between.
    await cluster.universe.pass(270);
    expect(cluster.nodes.get(old)!.status().role).toBe('leader');
    const answers: Outcome[] = [];
    cluster.nodes.get(old)!.read('x', (outcome) => answers.push(outcome));
    expect(answers.some(({ ok }) => ok)).toBe(stale);
  });

  test.each([
    [[], [1]],
    [['ack-before-fsync'], null],
  ] as const)(
    'with bugs %j, after all nodes crash right after the acknowledgement, the list is %j',
    async (bugs, kept) => {
      const cluster = await start({ bugs });
      const leader = await cluster.leader();
      await cluster.universe.pass(1500);
      expect(await cluster.update(leader, append(1))).toMatchObject({ ok: true });
      for (const id of cluster.ids) cluster.crash(id);
      for (const id of cluster.ids) await cluster.boot(id);
      expect(await cluster.read(await cluster.leader(), 'list')).toMatchObject({ ok: true, value: kept });
    },
  );
});
