import { dirname } from 'node:path';
import type { Checker } from '../../checkers/checker.ts';
import type { Value } from '../../checkers/history/operation.ts';
import { type LinearizabilityChecker, linearizable } from '../../checkers/linearizability/checker.ts';
import type { SequentialOptions } from '../../checkers/sequential/sequential.ts';
import { UsageError, unknownName } from '../failures.ts';
import { type Args, text } from './command.ts';
import { type NamedModel, namedModel } from './model-option.ts';

/** One thing to ask of a history. */
export type Question =
  | { readonly kind: 'linearizable'; readonly checker: LinearizabilityChecker; readonly modelUrl?: string }
  | ({ readonly kind: 'sequential' } & NamedModel & Pick<SequentialOptions, 'failedCas' | 'initial'>)
  | { readonly kind: 'other'; readonly checker: Checker };

export const consistencies = ['linearizable', 'sequential'] as const;

/**
 * What `--model` and its companions ask of every file; `undefined` without `--model`.
 *
 * @throws UsageError
 */
export async function questionOfOptions(args: Args): Promise<Question | undefined> {
  const given = text(args, 'model');
  const sequential = text(args, 'consistency') === 'sequential';
  if (given === undefined) {
    if (sequential) throw new UsageError('--consistency sequential: of which --model?');
    return undefined;
  }
  if (given === 'unique-ids') {
    const { uniqueIds } = await import('../../checkers/properties/unique-ids.ts');
    return { kind: 'other', checker: uniqueIds() };
  }
  const { model, url } = await namedModel(given, ['unique-ids']);
  const initial = initialOf(args);
  const options = {
    failedCas: text(args, 'failed-cas') as 'ignore' | 'assert',
    ...(initial === undefined ? {} : { initial }),
  };
  const source = url === undefined ? {} : { url };
  if (sequential) return { kind: 'sequential', model, ...source, ...options };
  const checker = linearizable(model, options);
  return { kind: 'linearizable', checker, ...(url === undefined ? {} : { modelUrl: url }) };
}

/** The value of `--initial`. @throws UsageError */
function initialOf(args: Args): Value | undefined {
  const given = text(args, 'initial');
  if (given === undefined) return undefined;
  try {
    return JSON.parse(given) as Value;
  } catch {
    throw new UsageError(`--initial: '${given}' is not JSON; write 0, null, or '"text"'`);
  }
}

/**
 * A history inside a run's directory is judged as the run would judge it.
 *
 * @throws UsageError
 */
export async function questionsOfRun(path: string): Promise<readonly Question[]> {
  const [{ files, readRunRecord }, { workloads }] = await Promise.all([
    import('../store/layout.ts'),
    import('../workloads/catalogue.ts'),
  ]);
  const run = await readRunRecord(dirname(path));
  if (!run.ok)
    throw new UsageError(`${path}: which --model? (no readable ${files.run} beside it says; see faultline models)`);
  const { workload: name } = run.record;
  const workload = workloads.find((known) => known.name === name);
  if (workload === undefined) {
    const known = workloads.map((other) => other.name);
    throw unknownName('workload', name, known);
  }
  return workload.checkers().map(questionOf);
}

const asksForLinearizability = (checker: Checker): checker is LinearizabilityChecker => 'asks' in checker;

const questionOf = (checker: Checker): Question =>
  asksForLinearizability(checker) ? { kind: 'linearizable', checker } : { kind: 'other', checker };
