import type { EventType, HistoryEvent, Value } from '../../../checkers/history/operation.ts';
import type { Random } from '../linearizability/random.ts';

/** What an adversary does to a history: the chance of each, per event. */
export interface Tampering {
  /** Another function, key, process, type, time or index than belongs there. */
  readonly wrong: number;
}

/**
 * Events as a run records them: clients that alternate between calls and answers and retire after an unknown outcome,
 * with short texts and integers, and now and then what a reader in a hurry may trip over.
 */
export function recorded(random: Random, count: number, { wrong }: Tampering): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  const open = new Map<number, HistoryEvent>();
  const numbers = [0, 1, 2, 30_003, 5_000_004];
  const keyed = random.chance(0.5);
  let time = random.below(2) * 10 ** random.below(16);
  for (let index = 0; index < count; index++) {
    time += random.below(1000);
    const client = random.below(numbers.length);
    const process = numbers[client]!;
    const call = open.get(process);
    const type = call === undefined ? 'invoke' : pick<EventType>(random, ['ok', 'ok', 'ok', 'fail', 'info']);
    const f = call === undefined ? pick(random, ['read', 'write', 'cas', 'add-element']) : call.f;
    const key = keyed && call === undefined ? pick<Value>(random, [0, 1, 'x', [1, 2], null]) : call?.key;
    const event: HistoryEvent = {
      index,
      time,
      process,
      type,
      f,
      ...(key === undefined || (call !== undefined && random.chance(0.3)) ? {} : { key }),
      ...(random.chance(0.8) ? { value: anyContent(random) } : {}),
      ...(type === 'ok' && random.chance(0.3) ? { result: random.chance(0.5) } : {}),
      ...(random.chance(0.8) ? { node: `n${random.below(3)}` } : {}),
      ...(type === 'info' ? { error: pick<Value>(random, ['timeout', 'connection refused', ['x', 1]]) } : {}),
      ...(random.chance(0.1) ? { phase: 'final' } : {}),
    };
    if (type === 'invoke') open.set(process, event);
    else open.delete(process);
    if (type === 'info') numbers[client] = process + numbers.length;
    events.push(random.chance(wrong) ? tampered(random, event) : event);
    if (random.chance(0.02)) events.push({ index: ++index, time, process: 'nemesis', type: 'info', f: 'kill' });
  }
  return events;
}

function tampered(random: Random, event: HistoryEvent): HistoryEvent {
  return {
    ...event,
    ...pick<Partial<HistoryEvent>>(random, [
      { f: 'other' },
      { key: 'other' },
      { process: 1 },
      { type: 'ok' },
      { type: 'invoke' },
      { time: 3 },
      { index: 7 },
      { process: 2 ** 31 },
      { process: 'someone' },
      { f: '' },
      { index: 2 ** 32 },
      { time: 2 ** 60 },
    ]),
  };
}

function anyContent(random: Random): Value {
  if (random.chance(0.1)) return Array.from({ length: random.below(5) }, () => atom(random));
  return random.chance(0.2) ? [atom(random), atom(random)] : atom(random);
}

function atom(random: Random): Value {
  const digits = random.below(17);
  const integer = random.below(10 ** Math.min(9, digits)) * 10 ** Math.max(0, digits - 9);
  if (random.chance(0.6)) return random.chance(0.2) ? -integer : integer;
  return pick<Value>(random, [
    ...[
      null,
      true,
      false,
      '',
      'a',
      'abc',
      'abcd',
      'abcdefg',
      'abcdxyz',
      'abce',
      'abcdefgh',
      'abcdefghijkl',
      'a"b',
      'a\\',
      'ä',
      '\u007f',
    ],
    ...[0.5, 1e300, -0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 53, '\ud800', 'x'.repeat(300)],
    ...[{ a: 1 }, [[1], 2], [], [1], ['null', null]],
  ]);
}

export const pick = <T>(random: Random, choices: readonly T[]): T => choices[random.below(choices.length)]!;
