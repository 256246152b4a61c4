import { setTimeout as pause } from 'node:timers/promises';
import type { Follower } from '../../checkers/follow/follower.ts';
import { JsonLinesReader } from '../../checkers/history/jsonl.ts';
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
    return await until(tail, new Feed(follower), options);
  } finally {
    tail.close();
  }
}

async function until(tail: Tail, feed: Feed, options: FollowFileOptions): Promise<Followed> {
  const { follower, signal, isOver, idleMs = Number.POSITIVE_INFINITY, onProgress } = options;
  let newsAtMs = monotonicMs();
  let lookedAtMs = newsAtMs;
  let workMs = 0;
  for (;;) {
    // Asked before reading: what was written until then is read after it.
    const end = signal.aborted ? 'interrupted' : (await isOver()) ? 'over' : undefined;
    const fromMs = monotonicMs();
    const news = readOn(tail, feed);
    if (news.bytes > 0) newsAtMs = fromMs;
    if (fromMs - lookedAtMs >= lookMs) {
      lookedAtMs = fromMs;
      follower.look();
      onProgress?.(follower);
    }
    const last = news.more ? undefined : (end ?? (fromMs - newsAtMs >= idleMs ? 'idle' : undefined));
    if (last !== undefined) {
      feed.end();
      follower.end();
    }
    workMs += monotonicMs() - fromMs;
    if (follower.violation !== undefined) return { end: 'violation', workMs };
    if (last !== undefined) return { end: last, workMs };
    await pause(news.more ? 0 : pollMs, undefined, { signal }).catch(() => undefined); // an abort is seen above
  }
}

/** Takes what is new, up to a stretch. */
function readOn(tail: Tail, feed: Feed): { readonly bytes: number; readonly more: boolean } {
  const from = tail.bytes;
  while (tail.bytes - from < stretchBytes) {
    const piece = tail.next();
    if (piece === undefined) return { bytes: tail.bytes - from, more: false };
    feed.push(piece);
  }
  return { bytes: tail.bytes - from, more: true };
}

/** Bytes, cut anywhere, to events. */
class Feed {
  private readonly follower: Follower;
  private readonly reader: JsonLinesReader;
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private readable = true;

  constructor(follower: Follower) {
    this.follower = follower;
    this.reader = new JsonLinesReader(follower);
  }

  push(piece: Uint8Array): void {
    if (!this.readable) return;
    try {
      this.reader.push(this.decoder.decode(piece, { stream: true }));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.readable = false;
      this.follower.refuse({
        line: 1,
        what: 'the file has bytes that are not UTF-8',
        right: 'histories are text in UTF-8',
      });
    }
  }

  end(): void {
    if (this.readable) this.reader.end();
  }
}
