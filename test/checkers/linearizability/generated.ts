import type { Value } from '../../../checkers/history/operation.ts';
import type { SequentialObject } from './objects.ts';
import { Random } from './random.ts';
import { type Call, nsPerEvent } from './recording.ts';

type Open = { -readonly [Name in keyof Call]: Call[Name] } & { effective: boolean };

/**
 * A short history from one seed. A correct object is run by clients that overlap, time out (and may take effect long
 * after, or never) and fail; then, in most cases, something is changed that may or may not make it wrong. Legal and
 * illegal histories come out in comparable numbers.
 */
export function generated(object: SequentialObject, seed: number, callsMax: number): Call[] {
  const random = new Random(seed);
  const calls = run(object, random, 3 + random.below(callsMax - 2));
  for (let changes = random.pick([0, 1, 2, 4, 6]); changes > 0; changes--) change(calls, object, random);
  return calls.map(({ effective: _, ...call }) => call);
}

function run(object: SequentialObject, random: Random, count: number): Open[] {
  const calls: Open[] = [];
  const open: Open[] = [];
  const states: Record<string, Value> = {};
  const width = 2 + random.below(3);
  const doubt = random.pick([0.1, 0.1, 0.5]);
  const keys = object.keyed ? random.pick([[undefined], [undefined], ['k', 'l']]) : [undefined];
  let now = 0;
  while (calls.length < count || open.length > 0) {
    if (now > 200) break;
    now++;
    if (calls.length < count && open.length < width && random.chance(0.5)) {
      const key = random.pick(keys);
      const call: Open = {
        ...object.ask(random),
        ...(key === undefined ? {} : { key }),
        outcome: 'unknown',
        invokedAt: now,
        returnedAt: Number.POSITIVE_INFINITY,
        effective: false,
      };
      calls.push(call);
      open.push(call);
      continue;
    }
    if (open.length === 0) continue;
    const call = random.pick(open);
    if (!call.effective) {
      if (random.chance(0.06)) leave(call, 'failed');
      else if (random.chance(0.04)) leave(call, 'unknown');
      else takeEffect(call);
    } else if (random.chance(doubt)) leave(call, 'unknown');
    else if (call.f === 'cas' && call.result === false && random.chance(0.4)) leave(call, 'failed');
    else leave(call, 'ok');
  }
  return calls;

  function takeEffect(call: Open): void {
    const state = states[JSON.stringify(call.key ?? null)] ?? object.fresh;
    const last = (state as { last?: number } | null)?.last ?? 0;
    const performed = {
      f: call.f,
      input: call.input,
      invokedNs: call.invokedAt * nsPerEvent,
      returnedNs: now * nsPerEvent,
      tokens: [last + 1 + random.below(2)].map((token) => Math.max(1, token)),
    };
    const effects = object.outcomes(state, performed);
    if (effects.length === 0) {
      leave(call, 'failed');
      return;
    }
    const effect = random.pick(effects);
    states[JSON.stringify(call.key ?? null)] = effect.state;
    if (effect.output !== undefined) call.output = effect.output;
    if (effect.result !== undefined) call.result = effect.result;
    call.effective = true;
  }

  function leave(call: Open, outcome: Call['outcome']): void {
    open.splice(open.indexOf(call), 1);
    call.outcome = outcome;
    if (outcome === 'unknown' && !call.effective && random.chance(0.5)) takeEffect(call);
    if (outcome !== 'unknown') call.returnedAt = now;
    if (outcome === 'ok') return;
    delete call.output;
    delete call.result;
  }
}

/** One small lie, or harmless variation. */
function change(calls: Open[], object: SequentialObject, random: Random): void {
  const done = calls.filter(({ outcome }) => outcome === 'ok');
  if (done.length === 0) return;
  const call = random.pick(done);
  const answering = done.filter(({ output, result }) => output !== undefined || result !== undefined);
  switch (random.below(5)) {
    case 0:
    case 1: {
      // It answers what another call of its kind answered.
      if (answering.length === 0) return;
      const liar = random.pick(answering);
      const other = random.pick(answering.filter(({ f, input }) => f === liar.f && sameShape(input, liar.input)));
      if (other.output !== undefined) liar.output = other.output;
      if (other.result !== undefined) liar.result = other.result;
      return;
    }
    case 2: {
      if (answering.length === 0) return;
      const liar = random.pick(answering);
      if (object.model === 'fenced-mutex' && liar.f === 'acquire') liar.result = random.pick([false, 1, 2, 3]);
      else if (typeof liar.result === 'boolean') liar.result = !liar.result;
      else if (typeof liar.result === 'number') liar.result = Math.max(1, liar.result + random.pick([-1, 1]));
      else if (object.model === 'multi-register') lieAboutRead(liar, random);
      else if (Array.isArray(liar.output)) liar.output = lieAboutList(liar.output, object, random);
      else liar.output = random.pick([null, 0, 1, 2]);
      return;
    }
    case 3:
      // It is over sooner: real time forbids more orders.
      call.returnedAt = call.invokedAt + random.fraction();
      return;
    case 4:
      // It is over sooner and begins later.
      call.invokedAt += (call.returnedAt - call.invokedAt) * random.fraction();
      return;
  }
}

/** An answer to one transaction only fits another that asks for the same. */
const sameShape = (a: Value | undefined, b: Value | undefined) =>
  !Array.isArray(a) || !Array.isArray(a[0]) || JSON.stringify(a) === JSON.stringify(b);

function lieAboutRead(call: Open, random: Random): void {
  const steps = call.output as [string, string, Value][];
  call.output = steps.map(([kind, name, value]) => [kind, name, kind === 'r' ? random.pick([null, 0, 1, 2]) : value]);
}

function lieAboutList(list: readonly Value[], object: SequentialObject, random: Random): Value {
  const lie = list.length === 0 || random.chance(0.3) ? [...list, random.below(3)] : list.slice(1);
  return object.model === 'set' ? lie.sort() : lie; // the set of `objects.ts` lists its elements in order
}
