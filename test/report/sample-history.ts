import type { HistoryEvent, Value } from '../../checkers/history/operation.ts';
import { integer, pick, randomFrom } from '../../harness/random.ts';

export interface SampleOptions {
  readonly operations: number;
  readonly seed: number;
  readonly workers?: number;
  /** Plants one read that returns an overwritten value. */
  readonly staleRead?: boolean;
}

export interface Sample {
  readonly events: readonly HistoryEvent[];
  /** Event indexes of the write that was overwritten, the write over it, and the stale read; empty without one. */
  readonly stale: readonly number[];
}

type Draft = Omit<HistoryEvent, 'index'>;

const msNs = 1_000_000;
const thinkNsMax = 30 * msNs;
const faultEveryNs = 4_000 * msNs;
const faultLengthNs = 1_500 * msNs;

/**
 * A history such as a run of registers under partitions leaves: workers call one after another, each call takes effect
 * somewhere in its interval, and while a fault is on some fail or are never answered.
 */
export function sampleHistory({ operations, seed, workers = 10, staleRead = false }: SampleOptions): Sample {
  const random = randomFrom(seed, 'sample');
  const drafts: Draft[] = [];
  const held = new Map<string, number>();
  const process = Array.from({ length: workers }, (_, worker) => worker);
  const freeAt = Array.from({ length: workers }, () => integer(random, 0, 5 * msNs));
  let stale: readonly Draft[] = [];
  let overwritten: { key: string; first: Draft; second: Draft; value: number; atNs: number } | undefined;
  const lastWrite = new Map<string, Draft>();

  for (let i = 0; i < operations; i++) {
    const worker = freeAt.indexOf(Math.min(...freeAt));
    const invokedNs = freeAt[worker]!;
    const faulty = invokedNs % faultEveryNs > faultEveryNs - faultLengthNs;
    const lengthNs = Math.round((faulty ? 8 : 1.5) * msNs * (0.3 + -Math.log(1 - random())));
    const key = `k${integer(random, 0, 8)}`;
    const common = { process: process[worker]!, key, phase: 'load' };
    const chance = random();
    const outcome = faulty && chance < 0.06 ? 'info' : faulty && chance < 0.2 ? 'fail' : 'ok';
    const write = random() < 0.5;
    const argument: { value?: Value } = write ? { value: i } : {};
    const invoke: Draft = { time: invokedNs, type: 'invoke', f: write ? 'write' : 'read', ...common, ...argument };
    drafts.push(invoke);

    const endNs = invokedNs + (outcome === 'info' ? 1_000 * msNs : lengthNs);
    const node = `n${integer(random, 1, 6)}`;
    const error: { error?: Value } = outcome === 'info' ? { error: 'timeout after 1000 ms' } : { error: 'no leader' };
    let value: Value = write ? i : (held.get(key) ?? null);
    if (write && outcome === 'ok') {
      const before = lastWrite.get(key);
      const candidate = before !== undefined && i > operations / 2 && before.time + 50 * msNs < invokedNs;
      if (candidate) overwritten ??= { key, first: before, second: invoke, value: before.value as number, atNs: endNs };
      held.set(key, i);
      lastWrite.set(key, invoke);
    }
    const plant = staleRead && stale.length === 0 && !write && outcome === 'ok' && overwritten?.key === key;
    if (plant && invokedNs > overwritten!.atNs) {
      value = overwritten!.value;
      stale = [overwritten!.first, overwritten!.second, invoke];
    }
    const seen = write || outcome === 'ok' ? { value } : {};
    drafts.push({
      time: endNs,
      type: outcome,
      f: invoke.f,
      ...common,
      ...seen,
      node,
      ...(outcome === 'ok' ? {} : error),
    });
    if (outcome === 'info') process[worker]! += workers;
    freeAt[worker] = endNs + integer(random, 0, thinkNsMax);
  }

  const endNs = Math.max(...freeAt);
  for (let atNs = faultEveryNs - faultLengthNs; atNs + faultLengthNs < endNs; atNs += faultEveryNs) {
    const f = pick(random, ['partition', 'kill', 'clock']);
    const note = { process: 'nemesis', type: 'info' } as const;
    const target = pick(random, ['n1', 'n2', 'n3']);
    const evidence = { proven: true, what: `${f} of ${target} took hold`, measured: {} };
    const stopNs = atNs + faultLengthNs;
    drafts.push({ time: atNs, f: `${f}-start`, value: { target }, ...note });
    drafts.push({ time: atNs + 90 * msNs, f: `${f}-start`, value: { target, evidence }, ...note });
    drafts.push({ time: stopNs, f: `${f}-stop`, value: { target }, ...note });
    drafts.push({ time: stopNs + 40 * msNs, f: `${f}-stop`, value: { target, evidence }, ...note });
  }
  const sorted = drafts.sort((a, b) => a.time - b.time);
  const events = sorted.map((draft, index): HistoryEvent => ({ index, ...draft }));
  return { events, stale: stale.map((draft) => sorted.indexOf(draft)) };
}
