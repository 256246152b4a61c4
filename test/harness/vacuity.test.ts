import { describe, expect, test } from 'vitest';
import { readHistory } from '../../checkers/history/format.ts';
import type { HistoryEvent } from '../../checkers/history/operation.ts';
import { faultWindows } from '../../harness/fault-windows.ts';
import { conclude } from '../../harness/judge-run.ts';
import { type VacuityInput, vacuityChecks } from '../../harness/vacuity.ts';

type Loose = Omit<HistoryEvent, 'index'>;

function historyOf(events: readonly Loose[]) {
  const lines = [...events].sort((a, b) => a.time - b.time).map((event, index) => JSON.stringify({ index, ...event }));
  const read = readHistory(`${lines.join('\n')}\n`, { format: 'jsonl' });
  if (read.kind !== 'history') throw new Error(JSON.stringify(read.problems));
  return read.history;
}

/** `count` operations from `fromNs`, a millisecond each. */
const operations = (count: number, fromNs: number, type: 'ok' | 'fail' = 'ok'): Loose[] =>
  Array.from({ length: count }, (_, i): Loose[] => [
    { time: fromNs + i * 1e6, process: 0, type: 'invoke', f: 'read' },
    { time: fromNs + i * 1e6 + 500_000, process: 0, type, f: 'read', ...(type === 'ok' ? { value: 1 } : {}) },
  ]).flat();

const note = (time: number, f: string, proven?: boolean): Loose => ({
  time,
  process: 'nemesis',
  type: 'info',
  f,
  value: { target: 'n1', ...(proven === undefined ? {} : { evidence: { proven } }) },
});

const killNotes = [
  note(1e9, 'kill-start'),
  note(1.1e9, 'kill-start', true),
  note(2e9, 'kill-stop'),
  note(2.1e9, 'kill-stop', true),
];
const killed = { name: 'kill', injections: 1, proven: 1, evidence: [] };

function checks(events: readonly Loose[], change: Partial<VacuityInput> = {}) {
  const history = historyOf(events);
  return vacuityChecks({
    history,
    operations: ['read'],
    faults: [killed],
    windows: faultWindows(history.named, 5e9),
    notReady: undefined,
    notRecovered: undefined,
    interrupted: undefined,
    ...change,
  });
}

const failing = (...args: Parameters<typeof checks>) =>
  checks(...args)
    .filter(({ ok }) => !ok)
    .map(({ name }) => name);
const enough = [...operations(20, 0), ...operations(20, 1.2e9), ...operations(20, 3e9)];

describe('fault windows', () => {
  test('from the measurement that proved it to the beginning of its heal', () => {
    expect(faultWindows(historyOf([...operations(1, 0), ...killNotes]).named, 5e9)).toEqual([
      { fault: 'kill', fromNs: 1.1e9, toNs: 2e9 },
    ]);
  });

  test('an injection that nothing proved opens none', () => {
    const notes = [note(1e9, 'kill-start'), note(1.1e9, 'kill-start', false), note(2e9, 'kill-stop')];
    expect(faultWindows(historyOf([...operations(1, 0), ...notes]).named, 5e9)).toEqual([]);
  });

  test('one that was never closed lasts to the end', () => {
    const notes = killNotes.slice(0, 2);
    expect(faultWindows(historyOf([...operations(1, 0), ...notes]).named, 5e9)).toEqual([
      { fault: 'kill', fromNs: 1.1e9, toNs: 5e9 },
    ]);
  });
});

describe('a run proves nothing', () => {
  test('... unless: this one does', () => {
    expect(failing([...enough, ...killNotes])).toEqual([]);
  });

  test('when too few operations succeeded', () => {
    expect(failing([...operations(4, 0), ...operations(4, 1.2e9), ...killNotes])).toEqual(['enough read']);
  });

  test('when none succeeded while the fault was active', () => {
    const idle = [...operations(20, 0), ...operations(20, 1.2e9, 'fail'), ...operations(20, 3e9)];
    expect(failing([...idle, ...killNotes])).toEqual(['operations during kill']);
  });

  test('when the fault did not take hold, or not mostly', () => {
    expect(failing([...enough, ...killNotes], { faults: [{ ...killed, proven: 0 }] })).toEqual(['kill took hold']);
    expect(failing([...enough, ...killNotes], { faults: [{ ...killed, injections: 2 }] })).toEqual([]);
    expect(failing([...enough, ...killNotes], { faults: [{ ...killed, injections: 3 }] })).toEqual(['kill took hold']);
    expect(failing([...enough, ...killNotes], { faults: [{ ...killed, injections: 2, unmeasurable: 1 }] })).toEqual([]);
  });

  test('when the fault never came', () => {
    expect(failing(enough, { faults: [{ ...killed, injections: 0, proven: 0 }] })).toEqual([
      'kill took hold',
      'operations during kill',
    ]);
  });

  test('when the cluster never became ready, did not recover, or the run was interrupted', () => {
    expect(failing([...enough, ...killNotes], { notReady: 'n1 is silent' })).toEqual(['ready']);
    expect(failing([...enough, ...killNotes], { notRecovered: 'n1 is behind' })).toEqual(['recovered']);
    expect(failing([...enough, ...killNotes], { interrupted: 'Ctrl-C' })).toEqual(['completed']);
  });
});

describe('the verdict', () => {
  const history = historyOf(operations(1, 0));
  const limits = { timeMs: 1000, memoryBytes: 1e9, now: () => 0 };
  const passing = { name: 'fine', check: () => ({ checker: 'fine', verdict: { kind: 'pass' } as const }) };
  const violating = {
    name: 'not fine',
    check: () => ({ checker: 'not fine', verdict: { kind: 'violation', why: 'stale', operations: [3] } as const }),
  };
  const crashing = {
    name: 'broken',
    check: () => {
      throw new Error('oops');
    },
  };
  const vacuous = { name: 'kill took hold', ok: false, what: 'it did not' };

  test('passes only when every checker passed and nothing was vacuous', () => {
    expect(conclude(history, [passing], [], limits).verdict).toBe('pass');
    expect(conclude(history, [passing], [vacuous], limits)).toMatchObject({ verdict: 'undecided', why: 'it did not' });
    expect(conclude(history, [crashing, passing], [], limits)).toMatchObject({ verdict: 'undecided' });
  });

  test('a violation stands, whatever was vacuous and whoever crashed', () => {
    expect(conclude(history, [crashing, violating], [vacuous], limits)).toMatchObject({
      verdict: 'violation',
      why: 'stale',
    });
  });
});
