import type { History } from '../../../checkers/history/history.ts';
import type { Paired } from '../../../checkers/history/pairing.ts';
import type { ValueTable } from '../../../checkers/history/values.ts';

/** Everything that a history holds, as plain data: two histories are the same exactly when their dumps are equal. */
export function dump(history: History): object {
  const { process, f, key, input, output, result, outcome, invokedAt, completedAt, invokedNs, completedNs } = history;
  const columns = { process, f, key, input, output, result, outcome, invokedAt, completedAt, invokedNs, completedNs };
  return {
    ...Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, [...column]])),
    length: history.length,
    eventCount: history.eventCount,
    timed: history.timed,
    names: Array.from({ length: history.names.size }, (_, id) => history.names.get(id)),
    keys: contents(history.keys),
    values: contents(history.values),
    operations: operations(history),
    named: history.named,
    givenUp: [...history.givenUp.op].map((op, i) => [op, history.givenUp.at[i], history.givenUp.ns[i]]),
  };
}

export const operations = (history: History): object[] =>
  Array.from({ length: history.length }, (_, op) => history.operation(op));

const contents = (table: ValueTable) => Array.from({ length: table.size }, (_, id) => table.get(id));

/** What reading a file has come to, as plain data. */
export const dumpPaired = (paired: Paired): object =>
  paired.kind === 'history' ? { warnings: paired.warnings, history: dump(paired.history) } : paired;
