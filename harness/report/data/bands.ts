import type { HistoryEvent } from '../../../checkers/history/operation.ts';
import { textOf } from './operations.ts';

/** A stretch of the run during which a fault may have been active. */
export interface Band {
  readonly fault: string;
  readonly startNs: number;
  readonly endNs: number;
  /** Target and evidence, as the history has them. */
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
const detailLengthMax = 500;

/**
 * Reads the faults out of the notes: `partition-start` opens a band that the next `partition-stop` closes. A band may
 * be wider than the fault (it begins when the nemesis says so, which may be before the harm is done), never narrower.
 * A second start of the same fault while it is on goes into the first band.
 */
export function bandsOf(notes: readonly HistoryEvent[], endNs: number): { bands: Band[]; marks: Mark[] } {
  const open = new Map<string, Band>();
  const bands: Band[] = [];
  const marks: Mark[] = [];
  for (const note of notes) {
    const detail = note.value === undefined ? '' : textOf(note.value, detailLengthMax);
    if (begins.test(note.f)) {
      const fault = note.f.replace(begins, '');
      const before = open.get(fault);
      if (before === undefined) open.set(fault, { fault, startNs: note.time, endNs, detail, healed: false });
      else open.set(fault, { ...before, detail: joined(before.detail, detail) });
      continue;
    }
    const fault = note.f.replace(ends, '');
    const band = ends.test(note.f) ? open.get(fault) : undefined;
    if (band === undefined) {
      // The heal at the start of a run ends nothing and says nothing.
      if (!ends.test(note.f)) marks.push({ name: note.f, atNs: note.time, detail });
      continue;
    }
    open.delete(fault);
    bands.push({ ...band, endNs: note.time, healed: true });
  }
  return { bands: [...bands, ...open.values()].sort((a, b) => a.startNs - b.startNs), marks };
}

const joined = (first: string, second: string): string =>
  [first, second]
    .filter((text) => text !== '')
    .join(' · ')
    .slice(0, 2 * detailLengthMax);
