import type { Follower } from '../../checkers/follow/follower.ts';
import { monotonicMs } from '../machine.ts';

/** Where no terminal is, a line this often. */
const linesEveryMs = 10_000;

/** Shows how far a follower has come: one line that changes on a terminal, a line now and then elsewhere. */
export class FollowProgress {
  private readonly stream: NodeJS.WriteStream;
  private toldAtMs = monotonicMs();
  private saidWhyLost = false;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
  }

  tell(follower: Follower): void {
    if (!this.saidWhyLost && follower.leftBecause !== undefined) {
      this.saidWhyLost = true;
      this.say(`followed no further (${follower.leftBecause}): it will be judged at its end`);
    }
    if (this.stream.isTTY) {
      this.stream.write(`\r\x1b[K${line(follower)}`);
    } else if (monotonicMs() - this.toldAtMs >= linesEveryMs) {
      this.toldAtMs = monotonicMs();
      this.stream.write(`${line(follower)}\n`);
    }
  }

  /** A line of its own. */
  say(text: string): void {
    this.clear();
    this.stream.write(`${text}\n`);
  }

  clear(): void {
    if (this.stream.isTTY) this.stream.write('\r\x1b[K');
  }
}

function line({ counts }: Follower): string {
  const { operations, open, keys, givenUp } = counts;
  const memoryMb = Math.round(process.memoryUsage.rss() / 2 ** 20);
  const hard = givenUp === 0 ? '' : `, ${givenUp} keys left for the end`;
  return `${operations} operations judged, ${open} open, ${keys} keys${hard}, ${memoryMb} MB`;
}
