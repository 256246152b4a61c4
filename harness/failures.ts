import { closest, distance } from 'fastest-levenshtein';

/** The user asked for something that cannot be: exit 64, and nothing was started. The message is one line. */
export class UsageError extends Error {}

/** The machine or the harness cannot do it: exit 3. The message is one line. */
export class EnvironmentError extends Error {}

/** "unknown workload 'registre': did you mean 'register'? Known: ..." */
export function unknownName(kind: string, given: string, known: readonly string[]): UsageError {
  const nearest = known.length === 0 ? '' : closest(given, known);
  const near = nearest !== '' && distance(given, nearest) <= Math.max(2, given.length / 3);
  const suggestion = near ? `did you mean '${nearest}'? ` : '';
  return new UsageError(`unknown ${kind} '${given}': ${suggestion}known: ${known.join(', ')}`);
}
