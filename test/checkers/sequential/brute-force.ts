import { type History, HistoryBuilder } from '../../../checkers/history/history.ts';
import type { HistoryEvent, Value } from '../../../checkers/history/operation.ts';
import type { SequentialObject } from '../linearizability/objects.ts';
import type { Random } from '../linearizability/random.ts';
import { type Call, events, inOrder } from '../linearizability/recording.ts';

/** A call, and the process that made it. */
export interface ProcessCall {
  readonly call: Call;
  readonly process: number;
}

/** Gives the calls to few processes, none of which has two open at once or goes on after an unknown outcome. */
export function shared(calls: readonly Call[], random: Random): ProcessCall[] {
  const freeAt: number[] = [];
  return inOrder(calls).map((call) => {
    const free = [...freeAt.keys()].filter((process) => freeAt[process]! < call.invokedAt);
    const process = free.length === 0 ? freeAt.length : random.pick(free);
    freeAt[process] = call.outcome === 'unknown' ? Number.POSITIVE_INFINITY : call.returnedAt;
    return { call, process };
  });
}

/** The history of these calls; operation number i is the i-th of them. */
export function recordShared(calls: readonly ProcessCall[]): History {
  const builder = new HistoryBuilder();
  const open = new Map<HistoryEvent['process'], number>();
  for (const event of events(calls.map(({ call }) => call))) {
    const own = { ...event, process: calls[event.process as number]!.process };
    if (event.type === 'invoke') open.set(event.process, builder.invoke(own));
    else builder.complete(open.get(event.process)!, own);
  }
  return builder.build(true);
}

interface Piece {
  readonly call: Call;
  readonly key: string;
  readonly asserts: boolean;
}

/** Sequential consistency by its definition: every interleaving of the processes, on the objects themselves. */
export function sequentiallyExplainable(
  object: SequentialObject,
  calls: readonly ProcessCall[],
  failedCas: 'ignore' | 'assert',
): boolean {
  const programs = new Map<number, Piece[]>();
  for (const { call, process } of calls) {
    const asserts = call.outcome === 'failed' && call.f === 'cas' && failedCas === 'assert';
    if (call.outcome === 'failed' && !asserts) continue;
    const piece = { call, asserts, key: JSON.stringify(call.key ?? null) };
    programs.set(process, [...(programs.get(process) ?? []), piece]);
  }
  return tryAll([...programs.values()], {});

  function tryAll(left: readonly (readonly Piece[])[], states: Readonly<Record<string, Value>>): boolean {
    if (left.every((program) => program.every(({ call }) => call.outcome === 'unknown'))) return true;
    return left.some((program, at) => {
      const [piece, ...rest] = program;
      if (piece === undefined) return false;
      const after = left.with(at, rest);
      if (piece.call.outcome === 'unknown' && tryAll(after, states)) return true;
      return effects(piece, states[piece.key] ?? object.fresh).some((state) =>
        tryAll(after, { ...states, [piece.key]: state }),
      );
    });
  }

  function effects({ call, asserts }: Piece, state: Value): Value[] {
    const performed = { f: call.f, input: call.input, invokedNs: 0, returnedNs: 0, tokens: [1, 2, 3] };
    const result = asserts ? false : (call.result ?? (call.f === 'cas' ? true : undefined));
    return object
      .outcomes(state, performed)
      .filter((effect) => {
        if (call.outcome === 'unknown') return true;
        if (!asserts && effect.output !== undefined && text(effect.output) !== text(call.output)) return false;
        return effect.result === undefined || result === undefined || effect.result === result;
      })
      .map((effect) => effect.state);
  }
}

const text = (value: Value | undefined) => JSON.stringify(value ?? null);
