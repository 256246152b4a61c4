import { describe, expect, test } from 'vitest';
import { judge } from '../../checkers/checker.ts';
import { readHistory } from '../../checkers/history/format.ts';
import type { Value } from '../../checkers/history/operation.ts';
import { graver, pass, type Verdict } from '../../checkers/verdict.ts';
import type { Ending } from '../../harness/client/client.ts';
import { stagger, until } from '../../harness/generator/combinators.ts';
import type { Planned } from '../../harness/generator/generator.ts';
import { drive } from '../../harness/load.ts';
import { randomFrom } from '../../harness/random.ts';
import { Recorder } from '../../harness/recorder.ts';
import { nsPerSecond } from '../../harness/time.ts';
import { workloads } from '../../harness/workloads/catalogue.ts';
import type { Workload } from '../../harness/workloads/workload.ts';
import { VirtualTime } from './virtual-time.ts';

const workers = 6;

/** One object in one place: what every system under test should look like from outside. */
class SingleCopy {
  readonly values = new Map<string, Value>();
  readonly locks = new Map<string, { owner: string; token: number; untilNs: number }>();
  readonly fences = new Map<string, number>();
  #token = 0;
  readonly nowNs: () => number;
  readonly fault: Fault;
  readonly #random = randomFrom(5, 'faults');

  constructor(nowNs: () => number, fault: Fault) {
    this.nowNs = nowNs;
    this.fault = fault;
  }

  apply({ f, key, value }: Planned, object: string | undefined): { value?: Value; result?: Value } {
    const name = String(key);
    const held = this.values.get(name) ?? (object === 'set' ? [] : object === 'counter' ? 0 : null);
    const strikes = this.#random() < 0.03;
    switch (f) {
      case 'read':
        return { value: held };
      case 'write':
        if (!(strikes && this.fault === 'lost update')) this.values.set(name, value!);
        return {};
      case 'cas': {
        const [from, to] = value as [Value, Value];
        if (held !== from) return { result: false };
        this.values.set(name, to);
        return { result: true };
      }
      case 'add': {
        const times = strikes && this.fault === 'done twice' ? 2 : strikes && this.fault === 'lost update' ? 0 : 1;
        for (let i = 0; i < times; i++) {
          const before = this.values.get(name) ?? (object === 'set' ? [] : 0);
          this.values.set(name, Array.isArray(before) ? [...before, value!] : (before as number) + (value as number));
        }
        return object === 'counter' ? { result: this.values.get(name) ?? 0 } : {};
      }
      default:
        return this.#lock({ f, key: name, value: value as Record<string, Value> });
    }
  }

  #lock({ f, key, value }: { f: string; key: string; value: Record<string, Value> }): {
    value?: Value;
    result?: Value;
  } {
    const now = this.nowNs();
    const current = this.locks.get(key);
    const holder = current !== undefined && current.untilNs > now ? current : undefined;
    const mine = holder?.owner === value.owner && holder?.token === value.token;
    switch (f) {
      case 'acquire': {
        if (holder !== undefined && this.fault !== 'two holders') return { result: false };
        const token = ++this.#token;
        this.locks.set(key, { owner: String(value.owner), token, untilNs: now + (value.ttlMs as number) * 1e6 });
        return { result: token };
      }
      case 'renew':
        if (mine) holder!.untilNs = now + 1000e6;
        return { result: mine };
      case 'release':
        if (mine) this.locks.delete(key);
        return { result: mine };
      case 'fenced-read':
      case 'fenced-write': {
        const token = value.token as number;
        if (token < (this.fences.get(key) ?? 0) && this.fault !== 'no fencing') return { result: false };
        this.fences.set(key, token);
        if (f === 'fenced-read') return { value: { token, value: this.values.get(key) ?? null }, result: true };
        this.values.set(key, value.value!);
        return { result: true };
      }
      default:
        throw new Error(`the single copy offers no ${f}`);
    }
  }
}

type Fault = 'none' | 'lost update' | 'done twice' | 'stale read' | 'two holders' | 'no fencing';

/** Five virtual seconds of the workload and its final phase; some outcomes unknown, some clients asleep at the wrong time. */
async function verdictOf(workload: Workload, fault: Fault, seed: number): Promise<Verdict> {
  const time = new VirtualTime();
  const random = randomFrom(seed, 'world');
  const copy = new SingleCopy(() => time.nowNs(), fault);
  const lines: string[] = [];
  const keys = new Set<Value>();
  const recorder = new Recorder(
    time,
    { append: (line) => lines.push(line) },
    ({ key }) => key !== undefined && keys.add(key),
  );
  const processes = Array.from({ length: workers }, (_, i) => i);
  const wait = (ms: number) => new Promise<void>((resolve) => time.after(ms, resolve));
  const stale = new Map<string, { value?: Value; result?: Value }>();

  const perform = async (_worker: number, process: number, planned: Planned): Promise<Ending> => {
    recorder.invoke(process, planned);
    await wait(1 + random() * 5);
    // Under a lock, now and then a client sleeps longer than its lease before it acts.
    if (planned.f === 'fenced-write' && random() < 0.1) await wait(1500);
    const dice = random();
    let ending: Ending;
    if (dice < 0.01) ending = { type: 'fail', error: 'refused', node: 'n1' };
    else {
      const happened = dice < 0.02 && random() < 0.5 ? undefined : copy.apply(planned, workload.object);
      await wait(1 + random() * 5);
      const name = String(planned.key);
      let seen = happened ?? {};
      if (planned.f === 'read' && fault === 'stale read' && random() < 0.2) seen = stale.get(name) ?? seen;
      if (planned.f === 'read' && happened !== undefined && random() < 0.1) stale.set(name, happened);
      ending = dice < 0.02 ? { type: 'info', error: 'timeout', node: 'n1' } : { type: 'ok', node: 'n1', ...seen };
    }
    recorder.complete(process, planned, ending);
    return ending;
  };
  const go = (generator: Parameters<typeof drive>[0]['generator']) =>
    time.run(
      drive({
        generator,
        workers,
        time,
        random: randomFrom(seed, 'load'),
        perform,
        processes,
        signal: new AbortController().signal,
      }),
    );
  await go(until(5 * nsPerSecond, stagger(400, workload.load())));
  await go(until(20 * nsPerSecond, workload.final(['n1', 'n2', 'n3'], [...keys])));

  const read = readHistory(`${lines.join('\n')}\n`, { format: 'jsonl' });
  if (read.kind !== 'history') throw new Error(JSON.stringify(read.problems));
  const seenKinds = new Set(
    Array.from({ length: read.history.length }, (_, op) => read.history.names.get(read.history.f[op]!)),
  );
  for (const f of workload.operations) expect(seenKinds).toContain(f);
  let now = 0;
  const findings = judge(workload.checkers(), read.history, { timeMs: 1e9, memoryBytes: 1e9, now: () => now++ });
  return findings.map(({ verdict }) => verdict).reduce(graver, pass as Verdict);
}

const faultsOf: Record<string, readonly Fault[]> = {
  register: ['lost update', 'stale read'],
  set: ['lost update', 'done twice', 'stale read'],
  counter: ['lost update', 'done twice', 'stale read'],
  lock: ['two holders'],
  'fenced-lock': ['no fencing'],
};

describe.each(workloads.map((workload) => [workload.name, workload] as const))('workload %s', (name, workload) => {
  test.each([1, 2, 3])('passes on an object in one place (seed %i)', async (seed) => {
    expect(await verdictOf(workload, 'none', seed)).toEqual(pass);
  });

  test.each(faultsOf[name] ?? [])('sees: %s', async (fault) => {
    expect((await verdictOf(workload, fault, 1)).kind).toBe('violation');
  });

  test('knows at least one way to be wrong', () => {
    expect(faultsOf[name]?.length).toBeGreaterThan(0);
  });
});
