import { UsageError } from './failures.ts';

const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const sizeUnits = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 } as const;

/** `250ms`, `20s`, `1.5m`, `1m30s` to milliseconds; a bare number is seconds, as people say it. */
export function durationMs(text: string, what: string): number {
  const clean = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(clean)) return positive(Number(clean) * 1000, text, what);
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(clean)) {
    throw new UsageError(`${what}: '${text}' is no duration; write it like 250ms, 20s or 1m30s`);
  }
  let sum = 0;
  for (const [, number, unit] of clean.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    sum += Number(number) * durationUnits[unit as keyof typeof durationUnits];
  }
  return positive(sum, text, what);
}

/** `200M`, `4G`, `1.5GiB` to bytes; a bare number is bytes. */
export function sizeBytes(text: string, what: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(text.trim());
  if (match === null) throw new UsageError(`${what}: '${text}' is no size; write it like 200M or 4G`);
  const unit = match[2]!.toLowerCase() as keyof typeof sizeUnits;
  return positive(Math.round(Number(match[1]) * sizeUnits[unit]), text, what);
}

/** `12`, or `3n` for three per node. */
export function concurrency(text: string, nodes: number, what: string): number {
  const match = /^(\d+)(n?)$/.exec(text.trim());
  const count = match === null ? 0 : Number(match[1]) * (match[2] === 'n' ? nodes : 1);
  if (count < 1 || count > 1000) {
    throw new UsageError(`${what}: '${text}' is no number of clients; write it like 10, or 2n for two per node`);
  }
  return count;
}

function positive(value: number, text: string, what: string): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new UsageError(`${what}: '${text}' must be more than 0`);
}
