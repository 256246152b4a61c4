import { type History, NEVER } from '../../history/history.ts';
import { show } from '../../models/value.ts';

/** One operation in words: what, on which key, what came of it, who, and where it begins in the history. */
export function describe(history: History, op: number): string {
  return `${act(history, op)} by process ${history.process[op]} (index ${history.index(op)})`;
}

/** The same with its times, if the history has any: `(index 4, from 12.1 ms to 13.9 ms)`. */
export function described(history: History, op: number): string {
  return `${act(history, op)} by process ${history.process[op]} (index ${history.index(op)}${span(history, op)})`;
}

/** For further mention: `write of "x" 5 (index 4)`. */
export const mention = (history: History, op: number): string => `${act(history, op)} (index ${history.index(op)})`;

/** What was asked and what was answered, without who and when. */
function act(history: History, op: number): string {
  const { f, key, input, output, result, outcome } = history.operation(op);
  const object = key === undefined ? '' : ` of ${show(key)}`;
  const argument = input === undefined || input === null ? '' : ` ${show(input)}`;
  const told = result ?? (history.output[op] === history.input[op] && input !== null ? undefined : output);
  const answer = told === undefined ? '' : ` -> ${show(told)}`;
  return `${f}${object}${argument}${outcome === 'ok' ? answer : ` (${outcome})`}`;
}

function span(history: History, op: number): string {
  if (!history.timed) return '';
  const from = inMs(history.invokedNs[op]!);
  return history.completedAt[op] === NEVER
    ? `, from ${from} ms on`
    : `, from ${from} ms to ${inMs(history.completedNs[op]!)} ms`;
}

const inMs = (ns: number): string => (ns / 1e6).toFixed(3).replace(/\.?0+$/, '');

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
