import fc from 'fast-check';
import type { HistoryEvent, Value } from '../../../checkers/history/operation.ts';

/** Any value that JSON can say, without the integers that a double cannot count (readers refuse those). */
export const anyValue: fc.Arbitrary<Value> = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => !JSON.stringify(value, beyondSafe).includes(unsafe))
  .map((value) => JSON.parse(JSON.stringify(value)) as Value);

const unsafe = 'beyond 2^53';
const beyondSafe = (_name: string, value: unknown): unknown =>
  typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? unsafe : value;

const text = fc.oneof(fc.string({ minLength: 1, unit: 'binary' }), fc.constantFrom('read', 'write', 'cas', 'txn'));

/** Steps of a random well-formed history: who goes on, and with what. */
const step = fc.record({
  process: fc.nat({ max: 4 }),
  f: text.filter((f) => f !== 'get' && f !== 'put'),
  key: fc.option(anyValue, { nil: undefined }),
  value: fc.option(anyValue, { nil: undefined }),
  result: fc.option(anyValue, { nil: undefined }),
  node: fc.option(fc.string(), { nil: undefined }),
  phase: fc.option(fc.string(), { nil: undefined }),
  error: fc.option(anyValue, { nil: undefined }),
  completion: fc.constantFrom('ok', 'fail', 'info' as const),
  nemesis: fc.boolean(),
  gap: fc.nat({ max: 1_000_000 }),
});

/** Well-formed histories: each process alternates between invocations and completions, and retires after info. */
export const anyHistory: fc.Arbitrary<HistoryEvent[]> = fc.array(step, { maxLength: 40 }).map((steps) => {
  const events: HistoryEvent[] = [];
  const open = new Map<number, { readonly process: number; readonly f: string; readonly key?: Value }>();
  const numbers = [0, 1, 2, 3, 4];
  let time = 0;
  for (const s of steps) {
    time += s.gap;
    const at = { index: events.length, time };
    const rest = present({ value: s.value, node: s.node, phase: s.phase, error: s.error });
    if (s.nemesis && s.process === 0) {
      events.push({ ...at, process: 'nemesis', type: 'info', f: s.f, ...rest });
      continue;
    }
    const process = numbers[s.process]!;
    const call = open.get(process);
    if (call === undefined) {
      const invocation = { process, f: s.f, ...present({ key: s.key }) };
      open.set(process, invocation);
      events.push({ ...at, ...invocation, type: 'invoke', ...rest });
    } else {
      open.delete(process);
      if (s.completion === 'info') numbers[s.process]! += 5;
      events.push({ ...at, ...call, type: s.completion, ...rest, ...present({ result: s.result }) });
    }
  }
  return events;
});

/** The fields that are there. */
function present<T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, content]) => content !== undefined)) as never;
}

/** Short notation for tests: `[process, type, f, fields]`, numbered and timed 1 ms apart. */
export type Short = readonly [
  process: number | string,
  type: HistoryEvent['type'],
  f: string,
  fields?: Partial<HistoryEvent>,
];

export const eventsOf = (shorts: readonly Short[]): HistoryEvent[] =>
  shorts.map(([process, type, f, fields], index) => ({ index, time: index * 1_000_000, process, type, f, ...fields }));
