import type { HistoryEvent, Value } from '../../../checkers/history/operation.ts';
import { inShort } from './words.ts';

/** A stretch of the run during which a fault may have been active. */
export interface Band {
  readonly fault: string;
  readonly startNs: number;
  readonly endNs: number;
  /** What it was aimed at and what was measured, in words. */
  readonly detail: string;
  /** False when the history ends before the fault was healed. */
  readonly healed: boolean;
}

/** A note that neither begins nor ends a fault. */
export interface Mark {
  readonly name: string;
  readonly atNs: number;
  readonly detail: string;
}

const begins = /-(start|begin|inject)$/;
const ends = /-(stop|end|heal)$/;
const detailLengthMax = 400;

/**
 * Reads the faults out of the notes. The nemesis notes four events of each: `partition-start` with its target when it
 * begins to inject and again, with the evidence, when that is done; `partition-stop` likewise. The band reaches from the
 * first to the last of them: wider than the fault, never narrower. Histories from elsewhere may have two events only.
 */
export function bandsOf(notes: readonly HistoryEvent[], endNs: number): { bands: Band[]; marks: Mark[] } {
  const bands: Band[] = [];
  const marks: Mark[] = [];
  const latest = new Map<string, number>(); // position in `bands` of each fault's last one
  for (const note of notes) {
    const fault = note.f.replace(begins, '').replace(ends, '');
    const at = latest.get(fault);
    const band = at === undefined ? undefined : bands[at];
    if (begins.test(note.f)) {
      if (band !== undefined && !band.healed) {
        bands[at!] = { ...band, detail: detailOf(note.value) || band.detail };
        continue;
      }
      latest.set(fault, bands.length);
      bands.push({ fault, startNs: note.time, endNs, detail: detailOf(note.value), healed: false });
    } else if (ends.test(note.f)) {
      // A stop with evidence belongs to the stop before it; one without, after the band is closed, heals nothing.
      if (band !== undefined && (!band.healed || evidenceIn(note.value) !== undefined)) {
        bands[at!] = { ...band, endNs: note.time, healed: true };
      }
    } else {
      marks.push({ name: note.f, atNs: note.time, detail: detailOf(note.value) });
    }
  }
  return { bands, marks };
}

function detailOf(value: Value | undefined): string {
  if (value === undefined) return '';
  const { target, evidence } = fieldsOf(value);
  const what = evidence === undefined ? undefined : fieldsOf(evidence).what;
  const parts = [target, what].filter((part) => part !== undefined);
  const words = (parts.length === 0 ? [value] : parts).map(inShort).join(': ');
  return words.length <= detailLengthMax ? words : `${words.slice(0, detailLengthMax)}…`;
}

const evidenceIn = (value: Value | undefined): Value | undefined =>
  value === undefined ? undefined : fieldsOf(value).evidence;

const fieldsOf = (value: Value): { readonly [name: string]: Value } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: Value })
    : {};
