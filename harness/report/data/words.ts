import type { Value } from '../../../checkers/history/operation.ts';
import { type Row, textOf } from './operations.ts';

/** Seconds with milliseconds, as times of a run are written everywhere in the report. */
export const seconds = (ns: number): string => `${(ns / 1e9).toFixed(3)} s`;

/** A length of time in the unit that keeps it short. */
export function duration(ns: number): string {
  if (ns < 1e3) return `${ns} ns`;
  if (ns < 1e6) return `${trimmed(ns / 1e3)} µs`;
  if (ns < 1e9) return `${trimmed(ns / 1e6)} ms`;
  if (ns < 120e9) return `${trimmed(ns / 1e9)} s`;
  return `${Math.floor(ns / 60e9)} min ${Math.round((ns % 60e9) / 1e9)} s`;
}

const trimmed = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

export const count = (value: number): string => value.toLocaleString('en');

/** `1 operation`, `2 operations`. */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** One operation in a few words: `write x 17`, `read x → 17`, `cas x [1,2] → false`. */
export function operationInWords(row: Row): string {
  const subject = row.key === undefined ? row.f : `${row.f} ${row.key}`;
  const argument = row.input === undefined || (asks(row) && row.input === 'null') ? '' : ` ${row.input}`;
  return `${subject}${argument}${answerInWords(row)}`;
}

function answerInWords(row: Row): string {
  switch (row.outcome) {
    case 'failed':
      return ' ✗ failed';
    case 'unknown':
      return ' → ?';
    case 'ok': {
      const seen = row.output !== undefined && (asks(row) || row.output !== row.input) ? row.output : undefined;
      const answers = [row.result, seen].filter((text) => text !== undefined);
      return answers.length === 0 ? '' : ` → ${answers.join(' ')}`;
    }
    default:
      return row.outcome satisfies never;
  }
}

/** For a read the `value` of the completion is an answer, even one that equals the invocation's placeholder. */
const asks = (row: Row): boolean => row.f.endsWith('read');

/** The arguments as one line that a POSIX shell reads back as the same arguments. */
export const shellCommand = (command: readonly string[]): string => command.map(shellWord).join(' ');

const shellWord = (word: string): string =>
  /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/**
 * A value as a short phrase: fields one after the other, links as arrows (`shape leader-alone · cut n1→n2, n1→n3`), and
 * nothing said of what is empty.
 */
export function inShort(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => (isLink(item) ? item.join('→') : inShort(item))).join(', ');
  if (typeof value !== 'object' || value === null) return textOf((value ?? null) as Value);
  const fields = Object.entries(value).filter(([, field]) => !(Array.isArray(field) && field.length === 0));
  return fields.map(([name, field]) => `${name} ${inShort(field)}`).join(' · ');
}

const isLink = (value: unknown): value is [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every((end) => typeof end === 'string');
