import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AdjustableClock, type HostClock } from '../../system-under-test/world/clock.ts';

/** A host whose time a test moves by hand. */
class HandClock implements HostClock {
  #nowMs = 1000;
  #waits: { readonly atMs: number; readonly run: () => void }[] = [];

  monotonicMs = () => this.#nowMs;
  wallMs = () => 1_700_000_000_000 + this.#nowMs;

  after(delayMs: number, run: () => void): () => void {
    const wait = { atMs: this.#nowMs + delayMs, run };
    this.#waits.push(wait);
    return () => {
      this.#waits = this.#waits.filter((one) => one !== wait);
    };
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#waits.filter((one) => one.atMs <= endMs).sort((left, right) => left.atMs - right.atMs)[0];
      if (due === undefined) break;
      this.#waits = this.#waits.filter((one) => one !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.run();
    }
    this.#nowMs = endMs;
  }
}

function clocks() {
  const host = new HandClock();
  return { host, clock: new AdjustableClock(host) };
}

test('a jump moves wall time alone', () => {
  const { host, clock } = clocks();
  const [monotonic, wall] = [clock.monotonicMs(), clock.wallMs()];
  clock.jump(-5000);
  expect(clock.monotonicMs()).toBe(monotonic);
  expect(clock.wallMs()).toBe(wall - 5000);
  host.advance(10);
  expect(clock.wallMs()).toBe(wall - 4990);
});

test('a rate bends both clocks, and setting it makes neither jump', () => {
  const { host, clock } = clocks();
  const [monotonic, wall] = [clock.monotonicMs(), clock.wallMs()];
  clock.setRate(1.5);
  expect(clock.monotonicMs()).toBe(monotonic);
  expect(clock.wallMs()).toBe(wall);
  host.advance(1000);
  expect(clock.monotonicMs()).toBe(monotonic + 1500);
  clock.setRate(0.5);
  expect(clock.monotonicMs()).toBe(monotonic + 1500);
  host.advance(1000);
  expect(clock.monotonicMs()).toBe(monotonic + 2000);
  expect(clock.wallMs()).toBe(wall + 2000);
});

test('reset makes wall time true again and leaves monotonic time where it is', () => {
  const { host, clock } = clocks();
  clock.jump(7000);
  clock.setRate(2);
  host.advance(100);
  const monotonic = clock.monotonicMs();
  clock.reset();
  expect(clock.monotonicMs()).toBe(monotonic);
  expect(clock.wallMs()).toBe(host.wallMs());
  host.advance(100);
  expect(clock.wallMs()).toBe(host.wallMs());
  expect(clock.monotonicMs()).toBe(monotonic + 100);
});

test('a rate must be positive', () => {
  const { clock } = clocks();
  for (const rate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => clock.setRate(rate)).toThrow(RangeError);
});

const change = fc.oneof(
  fc.record({ kind: fc.constant('advance' as const), by: fc.integer({ min: 0, max: 500 }) }),
  fc.record({ kind: fc.constant('jump' as const), by: fc.integer({ min: -100_000, max: 100_000 }) }),
  fc.record({ kind: fc.constant('rate' as const), by: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('reset' as const), by: fc.constant(0) }),
);

test('whatever is done to it: monotonic time never falls, timers run once, on time by this clock, never early', () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 5 }),
      (changes, delays) => {
        const { host, clock } = clocks();
        const ran: number[] = [];
        const due = delays.map((delay) => clock.monotonicMs() + delay);
        delays.forEach((delay, n) => {
          clock.after(delay, () => {
            ran.push(n);
            expect(clock.monotonicMs()).toBeGreaterThanOrEqual(due[n]!);
            // The host's timers have whole milliseconds, of at most four of this clock's.
            expect(clock.monotonicMs()).toBeLessThan(due[n]! + 4.001);
          });
        });
        let last = clock.monotonicMs();
        for (const { kind, by } of changes) {
          if (kind === 'advance') host.advance(by);
          if (kind === 'jump') clock.jump(by);
          if (kind === 'rate') clock.setRate(by / 10);
          if (kind === 'reset') clock.reset();
          expect(clock.monotonicMs()).toBeGreaterThanOrEqual(last - 1e-6);
          last = clock.monotonicMs();
        }
        clock.reset();
        host.advance(4000);
        expect(ran.toSorted()).toEqual(delays.map((_, n) => n));
      },
    ),
    { seed: 20, numRuns: 500 },
  );
});
