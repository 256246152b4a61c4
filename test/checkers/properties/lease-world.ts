import type { HistoryEvent, Value } from '../../../checkers/history/operation.ts';

/** What is wrong with the simulated lock server or resource. */
export type Flaw =
  | 'none'
  | 'short-lease'
  | 'token-reset'
  | 'release-by-anyone'
  | 'renew-after-expiry'
  | 'no-fencing'
  | 'fence-on-write-only';

export interface LeaseWorld {
  readonly seed: number;
  readonly flaw: Flaw;
  readonly clients: number;
  readonly cycles: number;
  /** Grants carry fencing tokens; else `result` is true and owners keep their name when their process retires. */
  readonly tokens: boolean;
}

const ttlMs = 100;
const timeoutMs = 60;

/**
 * A lease lock and a fenced resource on one server with a perfect clock, used by clients over a network that delays
 * (beyond the timeout, too), loses requests and loses answers. Written for these tests from SYSTEMS 7.1a, sharing
 * nothing with the checkers. The same seed gives the same history.
 */
export function simulateLeases(world: LeaseWorld): HistoryEvent[] {
  const random = mulberry32(world.seed);
  const events: HistoryEvent[] = [];
  const queue: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  let now = 0;
  let order = 0;
  let processes = 0;
  const after = (ms: number, run: () => void): void => {
    queue.push({ at: now + ms, order: order++, run });
  };
  const record = (event: Omit<HistoryEvent, 'index' | 'time'>): void => {
    events.push({ index: events.length, time: Math.round(now * 1e6), ...event });
  };
  const server = new Server(world, () => now, random);

  /** Mostly short, sometimes longer than any timeout. */
  const delay = (): number => (random() < 0.15 ? random() * 3 * timeoutMs : 1 + random() * 10);

  const call = (
    process: number,
    f: string,
    key: string,
    value: Value,
    then: (answer: Answer | 'unknown' | 'failed') => void,
  ): void => {
    record({ process, type: 'invoke', f, key, value });
    let open = true;
    const finish = (type: 'ok' | 'fail' | 'info', answer: Answer | 'unknown' | 'failed'): void => {
      if (!open) return;
      open = false;
      const told = typeof answer === 'string' ? {} : answer;
      record({ process, type, f, key, value, ...told });
      after(0, () => then(answer));
    };
    after(timeoutMs, () => finish('info', 'unknown'));
    if (random() < 0.05) after(1, () => finish('fail', 'failed'));
    else if (random() > 0.05) {
      after(delay(), () => {
        const answer = server.handle(f, value as Record<string, Value>);
        if (random() > 0.08) after(delay(), () => finish('ok', answer));
      });
    }
  };

  const client = (number: number, cycles: number): void => {
    if (cycles === 0) return;
    const process = processes++;
    const owner = world.tokens ? `p${process}` : `c${number}`;
    const retire = (): void => after(20, () => client(number, cycles - 1));
    const cycle = (left: number): void => {
      if (left === 0) return;
      call(process, 'acquire', 'lock', { owner, ttlMs }, (granted) => {
        if (granted === 'unknown') return retire();
        if (granted === 'failed' || granted.result === false) return after(random() * 40, () => cycle(left - 1));
        const proof: Record<string, Value> = world.tokens ? { owner, token: granted.result! } : { owner };
        const release = (): void =>
          call(process, 'release', 'lock', proof, (done) => (done === 'unknown' ? retire() : cycle(left - 1)));
        const work = (): void =>
          call(process, 'fenced-read', 'resource', { token: granted.result! }, (seen) => {
            if (seen === 'unknown') return retire();
            if (seen === 'failed' || seen.result === false) return release();
            const { value } = seen.value as { readonly value: { readonly n: number } | null };
            const next = { n: (value?.n ?? 0) + 1, by: `${owner}/${String(granted.result)}` };
            after(pause(), () =>
              call(process, 'fenced-write', 'resource', { token: granted.result!, value: next }, (written) =>
                written === 'unknown' ? retire() : release(),
              ),
            );
          });
        const renew = (): void =>
          call(process, 'renew', 'lock', proof, (renewed) => {
            if (renewed === 'unknown') return retire();
            after(pause(), world.tokens ? work : release);
          });
        return after(pause(), random() < 0.4 ? renew : world.tokens ? work : release);
      });
    };
    cycle(cycles);
  };
  /** A client may stop for longer than its lease. */
  const pause = (): number => (random() < 0.25 ? random() * 2.5 * ttlMs : random() * 20);

  for (let number = 0; number < world.clients; number++) after(random() * 50, () => client(number, world.cycles));
  while (queue.length > 0) {
    let next = 0;
    for (let i = 1; i < queue.length; i++) {
      const [a, b] = [queue[i]!, queue[next]!];
      if (a.at < b.at || (a.at === b.at && a.order < b.order)) next = i;
    }
    const [{ at, run }] = queue.splice(next, 1) as [(typeof queue)[number]];
    now = at;
    run();
  }
  return events;
}

interface Answer {
  readonly result?: Value;
  readonly value?: Value;
}

class Server {
  private readonly world: LeaseWorld;
  private readonly now: () => number;
  private readonly random: () => number;
  private holder: { owner: Value; token: number; until: number } | undefined;
  private issued = 0;
  private accepted = 0;
  private content: Value = null;

  constructor(world: LeaseWorld, now: () => number, random: () => number) {
    this.world = world;
    this.now = now;
    this.random = random;
  }

  handle(f: string, value: Record<string, Value>): Answer {
    const { flaw, tokens } = this.world;
    if (this.holder !== undefined && this.now() >= this.holder.until) this.holder = undefined;
    const leaseMs = flaw === 'short-lease' ? ttlMs * 0.2 : ttlMs;
    const isHolder =
      this.holder !== undefined && this.holder.owner === value.owner && (!tokens || this.holder.token === value.token);
    switch (f) {
      case 'acquire': {
        if (this.holder !== undefined) return { result: false };
        if (flaw === 'token-reset' && this.random() < 0.2) this.issued = 0;
        const token = ++this.issued;
        this.holder = { owner: value.owner!, token, until: this.now() + leaseMs };
        return { result: tokens ? token : true };
      }
      case 'renew':
        if (!isHolder && flaw !== 'renew-after-expiry') return { result: false };
        this.holder = { owner: value.owner!, token: Number(value.token ?? 0), until: this.now() + leaseMs };
        return { result: true };
      case 'release':
        if (!isHolder && flaw !== 'release-by-anyone') return { result: false };
        this.holder = undefined;
        return { result: true };
      case 'fenced-read':
        if (!this.admits(Number(value.token), false)) return { value: value as Value, result: false };
        return { value: { token: value.token!, value: this.content }, result: true };
      default:
        if (!this.admits(Number(value.token), true)) return { result: false };
        this.content = value.value!;
        return { result: true };
    }
  }

  private admits(token: number, isWrite: boolean): boolean {
    const { flaw } = this.world;
    if (flaw === 'no-fencing' || (flaw === 'fence-on-write-only' && !isWrite)) return true;
    if (token < this.accepted) return false;
    this.accepted = token;
    return true;
  }
}

/** A small generator of numbers in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
