import type { Value } from '../../../checkers/history/operation.ts';
import type { Effect, PerformedCall, SequentialObject } from './objects.ts';
import { type Call, events, inOrder } from './recording.ts';

/** A call that must (or may) have its place in the order, with what it must have answered. */
interface Piece {
  readonly performed: PerformedCall;
  readonly key: string;
  /** False: it may have happened at any time after its invocation, or never. */
  readonly must: boolean;
  /** `undefined`: nobody saw the answer. */
  readonly answer: { readonly output?: Value; readonly result?: Value } | undefined;
  readonly invokedAt: number;
  readonly returnedAt: number;
}

export interface Meaning {
  readonly failedCas: 'ignore' | 'assert';
  /** Judge only what happened up to a moment: later returns are answers already known to calls that may happen. */
  readonly upTo?: { readonly moment: number; readonly inclusive: boolean };
  /** Judge only the calls on this key. */
  readonly key?: { readonly is: Value | undefined };
}

/**
 * Linearizability by its definition: try every order of the calls (and every choice of unknown ones) that respects
 * real time, on the object itself. No memory, no cleverness, exponential.
 */
export function explainable(object: SequentialObject, calls: readonly Call[], meaning: Meaning): boolean {
  const { key } = meaning;
  const pieces = piecesOf(calls, meaning).filter(
    (piece) => key === undefined || piece.key === JSON.stringify(key.is ?? null),
  );
  const done = new Array<boolean>(pieces.length).fill(false);
  return tryAll({});

  function tryAll(states: Readonly<Record<string, Value>>): boolean {
    if (pieces.every((piece, i) => done[i] || !piece.must)) return true;
    for (const [i, piece] of pieces.entries()) {
      if (done[i] || mustWait(piece)) continue;
      done[i] = true;
      const state = Object.hasOwn(states, piece.key) ? states[piece.key]! : object.fresh;
      for (const effect of object.outcomes(state, piece.performed)) {
        if (agrees(effect, piece.answer) && tryAll({ ...states, [piece.key]: effect.state })) return true;
      }
      done[i] = false;
    }
    return false;
  }

  function mustWait(piece: Piece): boolean {
    return pieces.some((other, i) => !done[i] && other.must && other.returnedAt < piece.invokedAt);
  }
}

/** Can the calls on one key be performed in exactly this order? Names calls by their place in order of invocation. */
export function replays(
  object: SequentialObject,
  calls: readonly Call[],
  key: Value | undefined,
  order: readonly number[],
  meaning: Meaning,
): boolean {
  const pieces = piecesOf(calls, { ...meaning, keepAll: true });
  const place = new Map(order.map((call, at) => [call, at]));
  const own = (piece: Piece) => !object.keyed || piece.key === JSON.stringify(key ?? null);
  if (place.size !== order.length || !order.every((call) => own(pieces[call]!))) return false;
  const complete = pieces.every((piece, i) => place.has(i) || !piece.must || !own(piece));
  const respectsTime = order.every((late, at) =>
    order.slice(at + 1).every((later) => pieces[later]!.returnedAt >= pieces[late]!.invokedAt),
  );
  return respectsTime && complete && perform(0, object.fresh);

  function perform(at: number, state: Value): boolean {
    if (at === order.length) return true;
    const piece = pieces[order[at]!]!;
    return object
      .outcomes(state, piece.performed)
      .some((effect) => agrees(effect, piece.answer) && perform(at + 1, effect.state));
  }
}

function agrees(effect: Effect, answer: Piece['answer']): boolean {
  if (answer === undefined) return true;
  if (effect.output !== undefined && JSON.stringify(effect.output) !== JSON.stringify(answer.output)) return false;
  if (effect.result === undefined || answer.result === undefined) return true;
  return effect.result === answer.result;
}

/** With `keepAll`, failed calls keep their places (as calls that must not and cannot happen), for numbering. */
function piecesOf(calls: readonly Call[], { failedCas, upTo, keepAll }: Meaning & { keepAll?: boolean }): Piece[] {
  const times = new Map<string, number>();
  for (const { process, type, time } of events(calls)) times.set(`${process} ${type === 'invoke'}`, time);
  const numbered = calls.map((call, process) => ({ call, process }));
  const order = inOrder(calls).map((call) => numbered.find((entry) => entry.call === call)!);
  const tokens = tokensWorthTrying(calls);
  const within = (at: number) => upTo === undefined || at < upTo.moment || (upTo.inclusive && at === upTo.moment);
  return order.flatMap(({ call, process }): Piece[] => {
    const asserts = call.outcome === 'failed' && call.f === 'cas' && failedCas === 'assert';
    const happened = call.outcome === 'ok' || asserts;
    const dropped = (call.outcome === 'failed' && !asserts) || !within(call.invokedAt);
    if (dropped && !keepAll) return [];
    const returned = happened && within(call.returnedAt);
    const returnedNs = call.outcome === 'unknown' ? Number.POSITIVE_INFINITY : times.get(`${process} false`)!;
    return [
      {
        performed: { f: call.f, input: call.input, invokedNs: times.get(`${process} true`)!, returnedNs, tokens },
        key: JSON.stringify(call.key ?? null),
        must: returned && !dropped,
        answer: dropped ? { output: 'never', result: 'never' } : happened ? answerOf(call, asserts) : undefined,
        invokedAt: call.invokedAt,
        returnedAt: returned ? call.returnedAt : Number.POSITIVE_INFINITY,
      },
    ];
  });
}

function answerOf(call: Call, asserts: boolean): NonNullable<Piece['answer']> {
  const result = asserts ? false : (call.result ?? (call.f === 'cas' ? true : undefined));
  return { ...(call.output === undefined ? {} : { output: call.output }), ...(result === undefined ? {} : { result }) };
}

/** The tokens that somebody saw or named, and room between them for every grant that nobody saw. */
function tokensWorthTrying(calls: readonly Call[]): number[] {
  const named = calls.flatMap(({ input, result }) => {
    const token = (input as { token?: number } | undefined)?.token;
    return [typeof result === 'number' ? result : 0, token ?? 0];
  });
  const unseen = calls.filter(({ f, outcome }) => f === 'acquire' && outcome === 'unknown').length;
  return [...new Set(named)].flatMap((token) => Array.from({ length: unseen + 1 }, (_, i) => token + i / (unseen + 1)));
}
