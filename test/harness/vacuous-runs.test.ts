import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Environment } from '../../harness/environments/environment.ts';
import { localEnvironment } from '../../harness/environments/local/local.ts';
import { exitCodes } from '../../harness/exit-codes.ts';
import { HistoryFile } from '../../harness/history-file.ts';
import { faultlineVersion, monotonicMs, now } from '../../harness/machine.ts';
import { plan, type RunPlan } from '../../harness/plan.ts';
import { run } from '../../harness/run.ts';
import { createRunDirectory } from '../../harness/store/layout.ts';
import { systems } from '../../system-under-test/catalogue.ts';
import type { System } from '../../system-under-test/system.ts';
import { temporaryStore } from './command-line.ts';

/** Runs that could have found nothing: on real processes, with the one thing that matters made ineffective. */
const store = temporaryStore();
afterAll(() => store.remove());

const planned = (nemesis: string): RunPlan =>
  plan({
    system: 'raft-kv',
    workload: 'register',
    nemesis,
    environment: 'local',
    nodes: 3,
    concurrency: '2n',
    rate: 100,
    timeLimit: '4s',
    seed: 1,
    bugs: [],
    options: {},
  });

async function carryOut(plan: RunPlan, environment: Environment) {
  const startedAt = now();
  const { system, workload, nemesis, seed } = plan;
  const name = { system: system.name, workload: workload.name, nemesis, seed, startedAt };
  const runDirectory = await createRunDirectory(store.path, name);
  return run({
    plan,
    environment,
    runDirectory,
    storeDirectory: store.path,
    history: new HistoryFile(join(runDirectory, 'history.jsonl')),
    startedAt,
    faultline: faultlineVersion(),
    signal: new AbortController().signal,
    nowMs: monotonicMs,
    loopLag: () => undefined,
    onPhase: () => undefined,
    keep: async () => undefined,
  });
}

/** The local environment with proxies that are told to cut and do not. */
function deafProxies(): Environment {
  const local = localEnvironment();
  return {
    ...local,
    async start(...args) {
      const running = await local.start(...args);
      const { cluster } = running;
      const { partitioning } = cluster;
      if (partitioning === undefined) throw new Error('the local environment can cut links');
      const deaf = { cut: async () => undefined, probe: partitioning.probe.bind(partitioning) };
      return {
        cluster: { ...cluster, partitioning: deaf },
        transport: (worker) => running.transport(worker),
        status: (node, timeoutMs) => running.status(node, timeoutMs),
        crashes: () => running.crashes(),
        trouble: () => running.trouble(),
        stop: () => running.stop(),
      };
    },
  };
}

test('a partition whose proxies do not cut is undecided, and says that it did not take hold', async () => {
  const { verdict, record } = await carryOut(planned('partition'), deafProxies());
  expect(verdict.findings.every((finding) => finding.verdict === 'pass')).toBe(true);
  expect(verdict.verdict).toBe('undecided');
  expect(verdict.why).toMatch(/fault 'partition' took hold in 0 of [1-9]\d* injections/);
  expect(record.faults[0]!.evidence[0]!.what).toMatch(/still carries bytes after the cut/);
  expect(exitCodes[verdict.verdict]).toBe(2);
});

test('the same run with proxies that do cut passes', { retry: 1 }, async () => {
  const { verdict } = await carryOut(planned('partition'), localEnvironment());
  expect(verdict).toMatchObject({ verdict: 'pass' });
});

test('a cluster that answers nothing is undecided, and says who was silent', async () => {
  const silent: System = {
    ...systems['raft-kv']!,
    name: 'silent',
    command: () => [join(import.meta.dirname, 'silent-node.ts')],
  };
  const { verdict } = await carryOut({ ...planned('none'), system: silent }, localEnvironment());
  expect(verdict.verdict).toBe('undecided');
  expect(verdict.why).toMatch(/never became ready: within 15 s n1, n2, n3 did not answer/);
  expect(exitCodes[verdict.verdict]).toBe(2);
});
