import { expect } from 'vitest';
import type { Value } from '../../../../checkers/history/operation.ts';
import { checkLinearizability } from '../../../../checkers/linearizability/linearizability.ts';
import { split } from '../../../../checkers/linearizability/part.ts';
import type { Decision, Procedure } from '../../../../checkers/linearizability/procedure.ts';
import type { AnyModel } from '../../../../checkers/models/model.ts';
import { models } from '../../../../checkers/models/models.ts';
import { explainable, replays } from '../brute-force.ts';
import type { SequentialObject } from '../objects.ts';
import { type Call, inOrder, record } from '../recording.ts';

const meaning = { failedCas: 'ignore' } as const;

/** One history for a monitor, of one object that may start from another state than the model's own. */
export interface Case {
  readonly monitor: Procedure;
  readonly object: SequentialObject;
  readonly calls: readonly Call[];
  readonly initial?: Value;
}

export interface Counts {
  legal: number;
  illegal: number;
  notApplicable: number;
  /** What the contradictions said. */
  readonly reasons: Set<string>;
}

export const noCounts = (): Counts => ({ legal: 0, illegal: 0, notApplicable: 0, reasons: new Set() });

/** Every contradiction that a monitor knows has been met. */
export function expectReasons({ reasons }: Counts, known: readonly RegExp[]): void {
  const said = [...reasons];
  expect(known.filter((pattern) => !said.some((why) => pattern.test(why)))).toEqual([]);
}

/** What the monitor says of a history without keys, with operations named by their number in the history. */
export function decide({ monitor, object, calls, initial }: Case): Decision | undefined {
  const model = models.get(object.model)!;
  const history = record(calls);
  const part = split(history, model.partition, 'ignore')[0];
  if (part === undefined) return undefined;
  const start = initial === undefined ? { kind: 'state' as const, state: model.initial } : model.startingFrom(initial);
  if (start.kind === 'refused') throw new Error(start.why);
  const decision = monitor.decide({ history, part, model, initial: start.state }, () => {});
  const named = (ops: Iterable<number>) => Array.from(ops, (op) => part.ops[op]!);
  if (decision?.kind === 'illegal') return { ...decision, core: named(decision.core) };
  if (decision?.kind === 'linearizable') return { ...decision, order: () => Int32Array.from(named(decision.order())) };
  return undefined;
}

/** Compares a monitor with the definition, and its evidence too: the order is replayed, the core is judged. */
export function agreesWithDefinition(example: Case, counts: Counts): void {
  const { object, calls } = example;
  judge(example, counts, (weaker) => explainable(object, weaker, meaning));
  const decision = decide(example);
  if (decision?.kind !== 'linearizable') return;
  const replayed = replays(object, calls, undefined, Array.from(decision.order()), meaning);
  if (!replayed) fail(example, `the order ${decision.order()} cannot be replayed on the object`);
}

/** Compares a monitor with the search; a history that is too hard for the search says nothing. */
export function agreesWithSearch(example: Case, counts: Counts, stepLimit: number): void {
  judge(example, counts, (weaker) => searched(example, weaker, stepLimit));
}

function searched({ object, initial }: Case, calls: readonly Call[], stepLimit: number): boolean | undefined {
  const limits = { searchOnly: true, stepLimit, ...(initial === undefined ? {} : { initial }) };
  const { verdict, refusal } = checkLinearizability(models.get(object.model)!, record(calls), limits);
  if (refusal !== undefined) throw new Error(refusal);
  return verdict.kind === 'undecided' ? undefined : verdict.kind === 'pass';
}

function judge(example: Case, counts: Counts, legal: (calls: readonly Call[]) => boolean | undefined): void {
  const { calls } = example;
  const decision = decide(example);
  if (decision === undefined) {
    counts.notApplicable++;
    return;
  }
  const expected = legal(calls);
  if (expected === undefined) return;
  if ((decision.kind === 'linearizable') !== expected) fail(example, `it is ${expected ? 'legal' : 'illegal'}`);
  counts[expected ? 'legal' : 'illegal']++;
  if (decision.kind === 'illegal') counts.reasons.add(decision.why);
  if (decision.kind === 'linearizable') checkOrder(example, decision.order());
  else if (legal(weakenedTo(calls, decision.core)) === true) fail(example, 'the core is legal');
  else expect(decision.core).toEqual([...new Set(decision.core)].sort((a, b) => a - b));
}

/** All calls but some, by number in order of invocation, become unknown. */
function weakenedTo(calls: readonly Call[], core: readonly number[]): Call[] {
  const kept = new Set(core.map((op) => inOrder(calls)[op]!));
  return calls.map((call) => {
    if (kept.has(call) || call.outcome === 'failed') return call;
    const { output: _, result: __, ...asked } = call;
    return { ...asked, outcome: 'unknown', returnedAt: Number.POSITIVE_INFINITY };
  });
}

/** The model accepts the order, it respects real time, and nothing definite is missing. */
function checkOrder(example: Case, order: Int32Array): void {
  const { object, calls, initial } = example;
  const model = models.get(object.model)!;
  const numbered = inOrder(calls);
  const history = record(calls);
  if (new Set(order).size !== order.length) fail(example, `the order ${order} repeats itself`);
  const missing = numbered.findIndex(({ outcome }, op) => outcome === 'ok' && !order.includes(op));
  if (missing >= 0) fail(example, `operation ${missing} is not in the order ${order}`);
  let latest = Number.NEGATIVE_INFINITY;
  for (const op of order) {
    latest = Math.max(latest, numbered[op]!.invokedAt);
    const { outcome, returnedAt } = numbered[op]!;
    if (outcome === 'ok' && returnedAt < latest) fail(example, `the order ${order} contradicts real time`);
  }
  replay(example, model, initial === undefined ? model.initial : stateOf(model, initial), order, history);
}

function stateOf(model: AnyModel, initial: Value): unknown {
  const start = model.startingFrom(initial);
  if (start.kind === 'refused') throw new Error(start.why);
  return start.state;
}

function replay(
  example: Case,
  model: AnyModel,
  initial: unknown,
  order: Int32Array,
  history: ReturnType<typeof record>,
): void {
  let state = initial;
  for (const op of order) {
    const { f, outcome, input, output, result, invokedNs, completedNs } = history.operation(op);
    const recorded = { f, outcome, input, output, result, invokedNs, returnedNs: completedNs };
    const understood = model.understand(recorded);
    if (understood.kind === 'refused') throw new Error(understood.why);
    const step = model.step(state, understood.input, understood.seen);
    if (!step.legal) {
      fail(example, `the order ${order} is refused at ${op}: ${step.why()}`);
      return;
    }
    state = step.state;
  }
}

function fail({ monitor, object, calls, initial }: Case, why: string): never {
  const decision = decide({ monitor, object, calls, ...(initial === undefined ? {} : { initial }) });
  throw new Error(`${monitor.name}: ${why}\n${JSON.stringify(inOrder(calls))}\n${JSON.stringify(decision)}`);
}
