import { type Operations, outcomes } from './operations.ts';

const textFields = ['f', 'key', 'input', 'output', 'result', 'node', 'phase', 'error'] as const;
const valueFields = ['input', 'output', 'result'] as const;

export const searchHelp =
  'Words must all match. Say where with f: key: value: process: outcome: index: node: phase: error: — as in “f:write key:x outcome:unknown”.';

type Term = (row: number) => boolean;

/**
 * The rows that match a query, ascending. Words must all match, in any field; `f:`, `key:`, `process:`, `index:`,
 * `outcome:`, `node:` and `phase:` want the whole field, `value:` and `error:` a part of it. Case does not matter. An
 * empty query matches nothing. Linear in the operations.
 */
export function search(operations: Operations, query: string): Float64Array {
  const words = query
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return new Float64Array(0);
  const terms = words.map((word) => termOf(operations, word));
  const rows: number[] = [];
  for (let row = 0; row < operations.length; row++) {
    if (terms.every((term) => term(row))) rows.push(row);
  }
  return Float64Array.from(rows);
}

function termOf(operations: Operations, word: string): Term {
  const { columns } = operations;
  const colon = word.indexOf(':');
  const field = colon === -1 ? '' : word.slice(0, colon);
  const wanted = word.slice(colon + 1);
  switch (field) {
    case 'f':
    case 'key':
    case 'node':
    case 'phase':
      return textTerm(operations, [field], (text) => text === wanted);
    case 'value':
      return textTerm(operations, valueFields, (text) => text.includes(wanted));
    case 'error':
      return textTerm(operations, ['error'], (text) => text.includes(wanted));
    case 'process':
      return (row) => columns.process[row] === Number(wanted);
    case 'index': // either event of the operation: people copy indexes from the file
      return (row) => columns.index[row] === Number(wanted) || columns.completionIndex[row] === Number(wanted);
    case 'outcome':
      return (row) => outcomes[columns.outcome[row]!] === wanted;
    default:
      return textTerm(operations, textFields, (text) => text.includes(word));
  }
}

/** Each distinct text is compared once, however many rows carry it. */
function textTerm(
  { columns, texts }: Operations,
  fields: readonly (typeof textFields)[number][],
  matches: (text: string) => boolean,
): Term {
  const matching = texts.map((text) => matches(text.toLowerCase()));
  return (row) => fields.some((field) => matching[columns[field][row]!] === true);
}
