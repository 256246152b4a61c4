import { describe, expect, test } from 'vitest';
import type { HistoryEvent, Outcome, Value } from '../../../checkers/history/operation.ts';
import { historyOf } from '../../../checkers/history/pairing.ts';
import { type FencingPart, fencing } from '../../../checkers/properties/fencing.ts';
import type { Short } from '../history/events.ts';
import { judgeEvents, judgeShorts, kindsOf, sweep } from './judging.ts';
import { type Flaw, mulberry32, simulateLeases } from './lease-world.ts';

type Fate = 'ok' | 'info' | 'fail' | 'refused';
const told = (fate: Fate): HistoryEvent['type'] => (fate === 'refused' ? 'ok' : fate);

const read = (process: number, token: number, value: Value, fate: Fate = 'ok'): Short[] => [
  [process, 'invoke', 'fenced-read', { key: 'r', value: { token } }],
  [process, told(fate), 'fenced-read', { key: 'r', value: { token, value }, result: fate !== 'refused' }],
];
const write = (process: number, token: number, value: Value, fate: Fate = 'ok'): Short[] => [
  [process, 'invoke', 'fenced-write', { key: 'r', value: { token, value } }],
  [process, told(fate), 'fenced-write', { key: 'r', value: { token, value }, result: fate !== 'refused' }],
];
const grant = (process: number, owner: string, token: number): Short[] => [
  [process, 'invoke', 'acquire', { key: 'l', value: { owner, ttlMs: 1 } }],
  [process, 'ok', 'acquire', { key: 'l', value: { owner, ttlMs: 1 }, result: token }],
];
const n = (n: number, by = 'x') => ({ n, by });

describe('a fenced resource', () => {
  test.each<[name: string, part: FencingPart, shorts: Short[], kinds: string[]]>([
    ['tokens that grow', 'order', [...write(0, 1, 'a'), ...read(1, 2, 'a'), ...write(1, 2, 'b')], []],
    [
      'a smaller token accepted for a write',
      'order',
      [...write(0, 2, 'a'), ...write(1, 1, 'b')],
      ['stale-token-accepted'],
    ],
    [
      'a smaller token accepted for a read',
      'order',
      [...write(0, 2, 'a'), ...read(1, 1, 'a')],
      ['stale-token-accepted'],
    ],
    [
      'a write accepted after a read with a larger token',
      'order',
      [...read(0, 2, null), ...write(1, 1, 'b')],
      ['stale-token-accepted'],
    ],
    ['a smaller token refused', 'order', [...write(0, 2, 'a'), ...write(1, 1, 'b', 'refused')], []],
    ['a smaller token of unknown fate', 'order', [...write(0, 2, 'a'), ...write(1, 1, 'b', 'info')], []],
    ['a larger token of unknown fate', 'order', [...write(0, 2, 'a', 'info'), ...write(1, 1, 'b')], []],
    [
      'an unknown write seen under a smaller token',
      'order',
      [...write(0, 2, 'a', 'info'), ...read(1, 1, 'a')],
      ['stale-token-accepted'],
    ],
    [
      'that might be another write',
      'order',
      [...write(0, 2, 'a', 'info'), ...write(1, 1, 'a'), ...read(1, 1, 'a')],
      [],
    ],
    [
      'accesses that overlap',
      'order',
      [
        [0, 'invoke', 'fenced-write', { key: 'r', value: { token: 2, value: 'a' } }],
        [1, 'invoke', 'fenced-write', { key: 'r', value: { token: 1, value: 'b' } }],
        [0, 'ok', 'fenced-write', { key: 'r', result: true }],
        [1, 'ok', 'fenced-write', { key: 'r', result: true }],
      ],
      [],
    ],
    [
      'a refused write that shows',
      'order',
      [...write(0, 2, 'a'), ...write(1, 1, 'b', 'refused'), ...read(0, 2, 'b')],
      ['refused-write-seen'],
    ],
    [
      'a failed write that shows',
      'order',
      [...write(0, 2, 'a'), ...write(1, 3, 'b', 'fail'), ...read(0, 2, 'b')],
      ['refused-write-seen'],
    ],

    ['one owner', 'owner', [...grant(0, 'a', 1), ...write(0, 1, 'x'), ...write(0, 1, 'y')], []],
    [
      'two owners',
      'owner',
      [...grant(0, 'a', 1), ...grant(1, 'b', 1), ...write(0, 1, 'x'), ...write(1, 1, 'y')],
      ['two-owners'],
    ],
    [
      'one owner with two processes',
      'owner',
      [...grant(0, 'a', 1), ...grant(1, 'a', 1), ...write(0, 1, 'x'), ...write(1, 1, 'y')],
      [],
    ],
    [
      'a writer nobody granted anything: unknown',
      'owner',
      [...grant(0, 'a', 1), ...write(0, 1, 'x'), ...write(1, 1, 'y')],
      [],
    ],
    [
      'the second one is refused',
      'owner',
      [...grant(0, 'a', 1), ...grant(1, 'b', 1), ...write(0, 1, 'x'), ...write(1, 1, 'y', 'refused')],
      [],
    ],

    ['a chain', 'updates', [...read(0, 1, null), ...write(0, 1, n(1)), ...read(1, 2, n(1)), ...write(1, 2, n(2))], []],
    [
      'two successors of one value',
      'updates',
      [...read(0, 1, null), ...read(1, 2, null), ...write(0, 1, n(1, 'a')), ...write(1, 2, n(1, 'b'))],
      ['lost-update'],
    ],
    [
      'one of them of unknown fate, unseen',
      'updates',
      [...read(0, 1, null), ...read(1, 2, null), ...write(0, 1, n(1, 'a'), 'info'), ...write(1, 2, n(1, 'b'))],
      [],
    ],
    [
      'of unknown fate and seen',
      'updates',
      [
        ...read(0, 1, null),
        ...read(1, 2, null),
        ...write(0, 1, n(1, 'a'), 'info'),
        ...write(1, 2, n(1, 'b')),
        ...read(3, 2, n(1, 'a')),
      ],
      [],
    ],
    [
      'seen under a later token',
      'updates',
      [
        ...read(0, 1, null),
        ...read(1, 2, null),
        ...write(0, 1, n(1, 'a'), 'info'),
        ...write(1, 2, n(1, 'b')),
        ...read(3, 3, n(1, 'a')),
      ],
      ['lost-update'],
    ],
    [
      'a value that goes back',
      'updates',
      [...read(0, 1, null), ...write(0, 1, n(1)), ...read(1, 2, null)],
      ['lost-update'],
    ],
    [
      'a value that goes back while a token is shared',
      'updates',
      [...read(0, 1, null), ...write(0, 1, n(1)), ...read(5, 1, n(1)), ...read(1, 2, null)],
      [],
    ],
    [
      'a writer that did not read',
      'updates',
      [...write(0, 1, n(1, 'a')), ...read(1, 2, null), ...write(1, 2, n(1, 'b'))],
      [],
    ],
    [
      'a client that goes on after an unknown write',
      'updates',
      [
        ...read(0, 1, null),
        ...write(0, 1, n(1), 'info'),
        ...read(9, 1, null),
        ...write(9, 1, n(1)),
        ...read(1, 2, n(1)),
      ],
      [],
    ],
  ])('%s (%#)', (_name, part, shorts, kinds) => {
    const finding = judgeShorts(fencing({ parts: [part] }), shorts);
    expect(kindsOf(finding)).toEqual(kinds);
    expect(finding.verdict.kind === 'violation').toBe(kinds.length > 0);
  });

  test('nothing accepted proves nothing; an access without a token cannot be judged', () => {
    expect(judgeShorts(fencing(), write(0, 1, 'a', 'info')).verdict.kind).toBe('undecided');
    const tokenless: Short[] = [[0, 'invoke', 'fenced-write', { value: { value: 1 } }]];
    expect(judgeShorts(fencing(), tokenless).verdict).toMatchObject({ kind: 'undecided', why: /token/ });
  });

  test('the reason names resource and tokens, the operations are the two accesses', () => {
    expect(judgeShorts(fencing(), [...write(0, 2, 'a'), ...write(1, 1, 'b')]).verdict).toEqual({
      kind: 'violation',
      why: 'the resource of key "r" accepted token 1 after token 2',
      operations: [0, 2],
    });
  });
});

interface Access {
  readonly op: number;
  readonly isWrite: boolean;
  readonly outcome: Outcome;
  readonly token: number;
  readonly written: string;
  readonly seen: string | undefined;
}

/**
 * Is there an order in which a right resource would have done all this? By search over all orders that real time allows;
 * unknown accesses may happen at any later point or never, and refusals are always allowed.
 */
function isPossible(events: readonly HistoryEvent[]): boolean {
  const history = historyOf(events);
  const accesses: Access[] = [];
  for (let op = 0; op < history.length; op++) {
    const { f, outcome, input, output, result } = history.operation(op);
    if (!f.startsWith('fenced') || outcome === 'failed' || (outcome === 'ok' && result === false)) continue;
    const { token, value } = input as { readonly token: number; readonly value?: Value };
    const written = JSON.stringify(value) ?? '';
    const seen =
      outcome === 'ok' ? JSON.stringify((output as { readonly value?: Value } | undefined)?.value) : undefined;
    accesses.push({ op, isWrite: f === 'fenced-write', outcome, token, written, seen });
  }
  const tried = new Set<string>();
  const search = (done: readonly boolean[], most: number, held: string): boolean => {
    const state = `${done.map(Number).join('')} ${most} ${held}`;
    if (tried.has(state)) return false;
    tried.add(state);
    if (accesses.every(({ outcome }, i) => done[i] || outcome === 'unknown')) return true;
    return accesses.some((access, i) => {
      if (done[i] || accesses.some((other, j) => !done[j] && history.precedes(other.op, access.op))) return false;
      if (access.token < most) return false;
      if (!access.isWrite && access.outcome === 'ok' && access.seen !== held) return false;
      return search(done.with(i, true), access.token, access.isWrite ? access.written : held);
    });
  };
  return search(
    accesses.map(() => false),
    Number.NEGATIVE_INFINITY,
    'null',
  );
}

describe('against a search over all orders', () => {
  /** The share of impossible histories that must be accused: well below what was seen. */
  test.each<[flaw: Flaw, share: number]>([
    ['none', 0],
    ['token-reset', 0],
    ['short-lease', 0],
    ['no-fencing', 0.5],
    ['fence-on-write-only', 0.5],
  ])('with %s, whoever is accused is guilty', (flaw, share) => {
    let impossible = 0;
    let accused = 0;
    for (let seed = 0; seed < sweep(1000); seed++) {
      const events = simulateLeases({ seed, flaw, tokens: true, clients: 3, cycles: 4 });
      const possible = isPossible(events);
      const finding = judgeEvents(fencing({ parts: ['order', 'updates'] }), events);
      if (!possible) impossible++;
      if (finding.verdict.kind !== 'violation') continue;
      accused++;
      expect(possible, `${flaw}, seed ${seed}: ${finding.verdict.why}`).toBe(false);
    }
    if (flaw === 'none') expect(impossible).toBe(0);
    expect(accused).toBeGreaterThanOrEqual(share * impossible);
    if (share > 0) expect(accused).toBeGreaterThan(0);
    if (process.env.FAULTLINE_SWEEP !== undefined) console.log(`${flaw}: ${impossible} impossible, ${accused} accused`);
  });

  test('on histories that were tampered with, too', () => {
    let accused = 0;
    let possible = 0;
    for (let seed = 0; seed < sweep(2000); seed++) {
      const random = mulberry32(seed + 1e6);
      const flaw = random() < 0.7 ? 'none' : 'no-fencing';
      let events = simulateLeases({ seed, flaw, tokens: true, clients: 3, cycles: 3 });
      for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) events = tamper(events, random);
      const guilty = !isPossible(events);
      if (!guilty) possible++;
      const finding = judgeEvents(fencing({ parts: ['order', 'updates'] }), events);
      if (finding.verdict.kind !== 'violation') continue;
      accused++;
      expect(guilty, `seed ${seed}: ${finding.verdict.why}`).toBe(true);
    }
    expect(accused).toBeGreaterThan(100);
    expect(possible).toBeGreaterThan(100);
  });
});

/** Changes the token, the process, or the value seen of one access, or makes a refused one accepted. */
function tamper(events: readonly HistoryEvent[], random: () => number): HistoryEvent[] {
  const ends = events.filter(({ f, type }) => f.startsWith('fenced') && type === 'ok');
  const end = ends[Math.floor(random() * ends.length)];
  if (end === undefined) return [...events];
  const begin = events.findLast(
    ({ index, process, type }) => index < end.index && process === end.process && type === 'invoke',
  )!;
  const change = (event: HistoryEvent): HistoryEvent => {
    const value = event.value as Record<string, Value>;
    switch (kind) {
      case 0:
        return { ...event, value: { ...value, token } };
      case 1:
        return { ...event, process };
      case 2:
        return event.type === 'ok' && event.f === 'fenced-read'
          ? { ...event, value: { ...value, value: seen } }
          : event;
      default:
        return event.type === 'ok' ? { ...event, result: true } : event;
    }
  };
  const kind = Math.floor(random() * 4);
  const token = 1 + Math.floor(random() * 6);
  const process = 1000 + begin.index;
  const n = Math.floor(random() * 4);
  const seen = n === 0 ? null : { n, by: `p${Math.floor(random() * 3)}/${1 + Math.floor(random() * 4)}` };
  return events.map((event) => (event === begin || event === end ? change(event) : event));
}
