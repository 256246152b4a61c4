import { type History, NEVER } from '../../checkers/history/history.ts';
import type { Explanation } from '../../checkers/linearizability/explain/explanation.ts';
import type { KeyResult } from '../../checkers/linearizability/linearizability.ts';
import { show } from '../../checkers/models/value.ts';
import type { Answer, Judged } from './check-judge.ts';

export interface PrintOptions {
  readonly json: boolean;
  /** Also the answer for each key. */
  readonly perKey: boolean;
}

/** What is printed of one file. */
export const printed = (judged: Judged, { json, perKey }: PrintOptions): string =>
  json ? `${JSON.stringify(jsonOf(judged, perKey))}\n` : textOf(judged, perKey);

/** The fields are a contract (DESIGN section 6). */
function jsonOf({ file, verdict, answers, history, parseMs, checkMs }: Judged, perKey: boolean): object {
  const weaker = answers.find((answer) => answer.weaker !== undefined)?.weaker;
  return {
    file,
    verdict: verdict.kind,
    operations: history?.length ?? 0,
    keys: keysOf(history),
    procedure: proceduresOf(answers),
    parseMs: milli(parseMs),
    checkMs: milli(checkMs),
    ...(verdict.kind === 'pass' ? {} : { why: verdict.why }),
    ...(verdict.kind === 'violation' ? { indexes: verdict.operations } : {}),
    ...(weaker === undefined ? {} : { weaker }),
    ...(perKey && history !== undefined
      ? { perKey: answers.flatMap((answer) => answer.perKey.map((key) => jsonOfKey(key, history))) }
      : {}),
  };
}

function jsonOfKey(result: KeyResult, history: History): object {
  const { key, kind, operations, procedure, configurations } = result;
  const common = { ...(key === undefined ? {} : { key }), verdict: kind, operations, procedure, configurations };
  switch (result.kind) {
    case 'pass':
      return common;
    case 'undecided':
      return { ...common, why: result.why, explained: result.explained };
    case 'violation':
      return { ...common, ...jsonOfExplanation(result.explanation, history) };
    default:
      return result satisfies never;
  }
}

/** Operations are named by the index that the file gives them. */
function jsonOfExplanation({ why, paragraph, involved, shrunk }: Explanation, history: History): object {
  const indexes = (ops: readonly number[]) => ops.map((op) => history.index(op));
  const told = { why, paragraph, indexes: indexes(involved) };
  if (shrunk === undefined) return told;
  const { core, maybe, anchor } = shrunk;
  const named = anchor === undefined ? {} : { anchor: history.index(anchor) };
  return { ...told, shrunk: { ...shrunk, core: indexes(core), maybe: indexes(maybe), ...named } };
}

function textOf({ file, verdict, answers, history, checkMs }: Judged, perKey: boolean): string {
  const counts = `${counted(history?.length ?? 0, 'operation')}, ${counted(keysOf(history), 'key')}, ${Math.round(checkMs)} ms`;
  const lines = [`${verdict.kind}  ${file}  ${counts}  (${proceduresOf(answers)})`];
  if (verdict.kind === 'undecided') lines.push('', `  ${verdict.why}`);
  if (verdict.kind === 'violation') lines.push('', ...violationLines(verdict.why, answers, history!));
  if (perKey) lines.push('', ...answers.flatMap((answer) => answer.perKey.map(keyLine)));
  return `${lines.join('\n')}\n${lines.length > 1 ? '\n' : ''}`;
}

function violationLines(why: string, answers: readonly Answer[], history: History): string[] {
  const violated = answers.flatMap(({ perKey }) => perKey).find((key) => key.kind === 'violation');
  const weaker = answers.flatMap((answer) => answer.weaker ?? []).map((sentence) => `  ${sentence}`);
  if (violated === undefined) return [`  ${why}`, ...weaker];
  const { explanation } = violated;
  const ops = explanation.shrunk?.core ?? explanation.involved;
  const maybe = explanation.shrunk?.maybe ?? [];
  return [
    ...wrapped(explanation.paragraph),
    '',
    ...operationsTable(ops.slice(0, operationsMax), maybe.slice(0, operationsMax), history),
    ...(weaker.length === 0 ? [] : ['', ...weaker]),
  ];
}

/** So many operations are listed. */
const operationsMax = 40;

function operationsTable(ops: readonly number[], maybe: readonly number[], history: History): string[] {
  const rows = [...ops.map((op) => rowOf(op, history, '')), ...maybe.map((op) => rowOf(op, history, ' (maybe)'))];
  const header = ['index', 'process', history.timed ? 'ms' : '', 'operation'];
  const widths = header.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]!.length)));
  return [header, ...rows].map((row) =>
    `  ${row.map((cell, at) => (at < 2 ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!))).join('  ')}`.trimEnd(),
  );
}

function rowOf(op: number, history: History, mark: string): string[] {
  const { f, key, input, output, result, outcome } = history.operation(op);
  const object = key === undefined ? '' : ` ${show(key)}`;
  const argument = input === undefined || input === null ? '' : ` ${show(input)}`;
  const answer = result ?? (history.output[op] === history.input[op] && input !== null ? undefined : output);
  const ended = outcome === 'ok' ? (answer === undefined ? '' : ` -> ${show(answer)}`) : ` (${outcome})`;
  const text = `${f}${object}${argument}${ended}${mark}`;
  return [String(history.index(op)), String(history.process[op]), history.timed ? span(op, history) : '', text];
}

function span(op: number, history: History): string {
  const until = history.completedAt[op] === NEVER ? '' : inMs(history.completedNs[op]!);
  return `${inMs(history.invokedNs[op]!)} – ${until}`;
}

const inMs = (ns: number): string => (ns / 1e6).toFixed(3);

function keyLine(result: KeyResult): string {
  const { key, kind, operations, procedure } = result;
  const name = key === undefined ? 'whole history' : `key ${show(key)}`;
  const counts = `${counted(operations, 'operation')}  (${procedure})`;
  switch (result.kind) {
    case 'pass':
      return `  ${kind}  ${name}  ${counts}`;
    case 'undecided':
      return `  ${kind}  ${name}  ${counts}: ${result.why} after explaining ${result.explained}`;
    case 'violation':
      return `  ${kind}  ${name}  ${counts}: ${result.explanation.why}`;
    default:
      return result satisfies never;
  }
}

const lineWidth = 100;

/** Prose in lines of a width that can be read. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = ' ';
  for (const word of text.split(/\s+/)) {
    if (line.length + word.length + 1 > lineWidth && line !== ' ') {
      lines.push(line);
      line = ' ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

const proceduresOf = (answers: readonly Answer[]): string =>
  [...new Set(answers.map(({ procedure }) => procedure))].join(', ');

const keysOf = (history: History | undefined): number => Math.max(1, history?.keys.size ?? 0);

const milli = (ms: number): number => Math.round(ms * 1000) / 1000;

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
