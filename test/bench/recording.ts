/**
 * Recorded operations per second of the harness: its generators, clients, recorder and history file, against a server
 * that does nothing, both on this machine.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../harness/client/client.ts';
import { HttpTransport } from '../../harness/client/http-transport.ts';
import { each, until } from '../../harness/generator/combinators.ts';
import { HistoryFile } from '../../harness/history-file.ts';
import { drive } from '../../harness/load.ts';
import { randomFrom } from '../../harness/random.ts';
import { Recorder } from '../../harness/recorder.ts';
import { nsPerSecond, type Time } from '../../harness/time.ts';
import type { System } from '../../system-under-test/system.ts';
import { median, print } from './print.ts';

const seconds = 3;

const nothing: System = {
  name: 'nothing',
  summary: 'answers everything with null',
  operations: ['read', 'write'],
  options: {},
  bugs: [],
  command: () => [],
  request: (call) => ({
    method: 'POST',
    path: `/v1/${call.f}`,
    body: { key: call.key ?? null, value: call.value ?? null },
  }),
  answer: () => ({ kind: 'ok', value: null }),
  statusRequest: { method: 'GET', path: '/' },
  status: () => undefined,
};

await benchRecording();

async function benchRecording(): Promise<void> {
  const server = fork(join(import.meta.dirname, 'null-server.ts'), { stdio: 'inherit' });
  const port = await new Promise<number>((resolve) => server.once('message', resolve as (port: unknown) => void));
  try {
    const rows = [];
    for (const workers of [1, 10, 50]) {
      const rates: number[] = [];
      for (let round = 0; round < 3; round++) rates.push(await record(port, workers));
      rows.push({ clients: workers, 'recorded operations/s (median of 3)': Math.round(median(rates)) });
    }
    print('harness: recorded operations per second against a server that does nothing', rows);
  } finally {
    server.disconnect();
  }
}

async function record(port: number, workers: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  const file = new HistoryFile(join(directory, 'history.jsonl'));
  const started = process.hrtime.bigint();
  const time: Time = {
    nowNs: () => Number(process.hrtime.bigint() - started),
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return { cancel: () => clearTimeout(timer) };
    },
  };
  const recorder = new Recorder(time, file);
  const transports = Array.from({ length: workers }, () => new HttpTransport(() => ({ host: '127.0.0.1', port })));
  const clients = transports.map(
    (transport) =>
      new Client({ system: nothing, transport, nodes: ['n1'], timeoutMs: 5000, attempts: 1, sessions: false }),
  );
  let value = 0;
  await drive({
    generator: until(
      seconds * nsPerSecond,
      each((_, { random }) =>
        random() < 0.5 ? { f: 'read', key: `r${value >> 8}` } : { f: 'write', key: `r${value >> 8}`, value: value++ },
      ),
    ),
    workers,
    time,
    random: randomFrom(1, 'bench'),
    processes: Array.from({ length: workers }, (_, i) => i),
    signal: new AbortController().signal,
    async perform(worker, process, planned) {
      recorder.invoke(process, planned);
      const ending = await clients[worker]!.perform(planned);
      recorder.complete(process, planned, ending);
      return ending;
    },
  });
  const took = time.nowNs() / nsPerSecond;
  await Promise.all(transports.map((transport) => transport.close()));
  file.close();
  if (statSync(join(directory, 'history.jsonl')).size < recorder.count * 50)
    throw new Error('the history is too short');
  rmSync(directory, { recursive: true });
  return recorder.count / 2 / took;
}
