import type { History } from '../../../checkers/index.ts';
import { type Call, record } from '../linearizability/recording.ts';

export const switchesUrl = new URL('./switches.ts', import.meta.url).href;

/** A key whose switches are all pressed at once, and then looked at. */
export interface Room {
  readonly key: string;
  readonly switches: number;
  /** What is seen afterwards; all of them being on is what explains it. */
  readonly seen: number;
  /** Nobody knows which presses happened. */
  readonly unknown?: boolean;
}

export const allOn = (switches: number): number => 2 ** switches - 1;

/** The history of some rooms, one after the other. */
export function rooms(of: readonly Room[]): History {
  let at = 0;
  const calls = of.flatMap(({ key, switches, seen, unknown = false }): Call[] => {
    const presses = Array.from({ length: switches }, (_, input) => ({ f: 'press', key, input, invokedAt: at++ }));
    const pressed = presses.map(
      (press): Call =>
        unknown
          ? { ...press, outcome: 'unknown', returnedAt: Number.POSITIVE_INFINITY }
          : { ...press, outcome: 'ok', returnedAt: at++ },
    );
    const look: Call = { f: 'look', key, output: seen, outcome: 'ok', invokedAt: at++, returnedAt: at++ };
    return [...pressed, look];
  });
  return record(calls);
}
