import { setTimeout as pause } from 'node:timers/promises';
import type { Follower } from '../../checkers/follow/follower.ts';
import { JsonBytesReader } from '../../checkers/history/jsonl-bytes.ts';
import { monotonicMs } from '../machine.ts';
import { Tail } from './tail.ts';

/** What is new is read this often. */
const pollMs = 100;
/** Hanging calls hold up a verdict no longer than this. */
const lookMs = 250;
/** After so much of a file the loop looks at the signal, and lets others have their turn. */
const stretchBytes = 4 * 2 ** 20;

export interface FollowFileOptions {
  readonly follower: Follower;
  /** Aborting it ends the following; what was read is judged. */
  readonly signal: AbortSignal;
  /** Asked now and then: nothing more will be written. */
  readonly isOver: () => Promise<boolean>;
  /** Nothing new for so long means that nothing more will be written. */
  readonly idleMs?: number;
  /** Told a few times a second. */
  readonly onProgress?: (follower: Follower) => void;
}

/** Why the following ended. */
export type FollowEnd = 'violation' | 'over' | 'idle' | 'interrupted';

export interface Followed {
  readonly end: FollowEnd;
  /** Time spent reading and judging, without the waiting. */
  readonly workMs: number;
}

/**
 * Judges a file of JSON lines while it is being written, until it shows a violation or is complete. What is open at the
 * end stays unknown, as in any history that ends.
 *
 * @throws FileChanged if the file is cut short or replaced; and what the file system says.
 */
export async function followFile(path: string, options: FollowFileOptions): Promise<Followed> {
  const { follower } = options;
  const tail = new Tail(path);
  try {
    return await until(tail, new JsonBytesReader(follower), options);
  } finally {
    tail.close();
  }
}

async function until(tail: Tail, reader: JsonBytesReader, options: FollowFileOptions): Promise<Followed> {
  const { follower, signal, isOver, idleMs = Number.POSITIVE_INFINITY, onProgress } = options;
  let newsAtMs = monotonicMs();
  let lookedAtMs = newsAtMs;
  let workMs = 0;
  for (;;) {
    // Asked before reading: what was written until then is read after it.
    const end = signal.aborted ? 'interrupted' : (await isOver()) ? 'over' : undefined;
    const fromMs = monotonicMs();
    const news = readOn(tail, reader);
    if (news.bytes > 0) newsAtMs = fromMs;
    if (fromMs - lookedAtMs >= lookMs) {
      lookedAtMs = fromMs;
      follower.look();
      onProgress?.(follower);
    }
    const last = news.more ? undefined : (end ?? (fromMs - newsAtMs >= idleMs ? 'idle' : undefined));
    if (last !== undefined) {
      reader.end();
      follower.end();
    }
    workMs += monotonicMs() - fromMs;
    if (follower.violation !== undefined) return { end: 'violation', workMs };
    if (last !== undefined) return { end: last, workMs };
    await pause(news.more ? 0 : pollMs, undefined, { signal }).catch(() => undefined); // an abort is seen above
  }
}

/** Takes what is new, up to a stretch. */
function readOn(tail: Tail, reader: JsonBytesReader): { readonly bytes: number; readonly more: boolean } {
  const from = tail.bytes;
  while (tail.bytes - from < stretchBytes) {
    const piece = tail.next();
    if (piece === undefined) return { bytes: tail.bytes - from, more: false };
    reader.push(piece);
  }
  return { bytes: tail.bytes - from, more: true };
}
