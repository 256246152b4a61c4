import type { NamedEvent } from '../checkers/history/history.ts';
import type { FaultWindow } from './vacuity.ts';

const started = '-start';
const stopped = '-stop';

/**
 * When each fault was known to hold, from the notes of the nemesis in the history: from the measurement that proved it
 * (`<fault>-start` with evidence) until its heal began (`<fault>-stop` without). Turns of one fault never overlap; one
 * that a crash of the harness left open lasts to the end.
 */
export function faultWindows(notes: readonly NamedEvent[], endNs: number): FaultWindow[] {
  const open = new Map<string, number>();
  const windows: FaultWindow[] = [];
  for (const { f, value, time } of notes) {
    const evidence = (value as { readonly evidence?: { readonly proven?: boolean } } | undefined)?.evidence;
    if (f.endsWith(started) && evidence?.proven === true) open.set(f.slice(0, -started.length), time);
    if (!f.endsWith(stopped) || evidence !== undefined) continue;
    const fault = f.slice(0, -stopped.length);
    const fromNs = open.get(fault);
    if (fromNs === undefined) continue;
    windows.push({ fault, fromNs, toNs: time });
    open.delete(fault);
  }
  for (const [fault, fromNs] of open) windows.push({ fault, fromNs, toNs: endNs });
  return windows;
}
