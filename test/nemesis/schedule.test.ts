import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientPause } from '../../nemesis/faults/client-pause.ts';
import { parseNemesis } from '../../nemesis/nemeses.ts';
import { schedule } from '../../nemesis/schedule.ts';

const nemesis = parseNemesis('all');
if (nemesis.kind !== 'all') throw new Error('all is a nemesis');
const faults = nemesis.faults;
const ordinary = faults.filter((fault) => fault.rhythm.rigid === undefined);

const limits = fc.integer({ min: 1000, max: 120_000 });
const check = (property: fc.IPropertyWithHooks<[number, number]> | fc.IProperty<[number, number]>) =>
  fc.assert(property, { seed: 20261120, numRuns: 300 });

describe('a schedule', () => {
  test('has every fault act at least twice, however short the time', () => {
    check(
      fc.property(limits, fc.integer(), (limitMs, seed) => {
        const turns = schedule(ordinary, limitMs, seed);
        for (const { name } of ordinary)
          expect(turns.filter(({ fault }) => fault === name).length).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  test('begins with a stretch free of faults and ends healed', () => {
    check(
      fc.property(limits, fc.integer(), (limitMs, seed) => {
        const turns = schedule(faults, limitMs, seed);
        const quietMs = Math.min(1000, 0.08 * limitMs);
        expect(Math.min(...turns.map(({ atMs }) => atMs))).toBeGreaterThanOrEqual(quietMs);
        expect(Math.max(...turns.map(({ atMs, forMs }) => atMs + forMs))).toBeLessThanOrEqual(limitMs - quietMs + 1e-6);
      }),
    );
  });

  test('never has one fault overlap itself, and rests in between', () => {
    check(
      fc.property(limits, fc.integer(), (limitMs, seed) => {
        for (const fault of faults) {
          const turns = schedule([fault], limitMs, seed);
          turns.slice(1).forEach((turn, index) => {
            const before = turns[index]!;
            expect(turn.atMs).toBeGreaterThan(before.atMs + before.forMs);
          });
        }
      }),
    );
  });

  test('keeps to the rhythm of each fault when there is time', () => {
    check(
      fc.property(fc.integer({ min: 20_000, max: 120_000 }), fc.integer(), (limitMs, seed) => {
        for (const fault of faults) {
          const turns = schedule([fault], limitMs, seed);
          for (const { forMs } of turns) {
            expect(forMs).toBeGreaterThanOrEqual(fault.rhythm.holdMs[0]);
            expect(forMs).toBeLessThanOrEqual(fault.rhythm.holdMs[1]);
          }
        }
      }),
    );
  });

  test('in six seconds, holds faults long enough for an election', () => {
    const partition = faults.filter(({ name }) => name === 'partition');
    check(
      fc.property(fc.constant(6000), fc.integer(), (limitMs, seed) => {
        for (const { forMs } of schedule(partition, limitMs, seed)) expect(forMs).toBeGreaterThanOrEqual(1500);
      }),
    );
  });

  test('never pauses a client for less than its lease, and rather leaves the fault out', () => {
    const fault = clientPause({ leaseMs: 1000 });
    check(
      fc.property(limits, fc.integer(), (limitMs, seed) => {
        const turns = schedule([fault], limitMs, seed);
        for (const { forMs } of turns) expect(forMs).toBeGreaterThanOrEqual(1500);
        if (limitMs >= 6000) expect(turns.length).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  test('begins with an overture: every fault once, alone and gentle, before any acts freely', () => {
    check(
      fc.property(fc.integer({ min: 12_000, max: 120_000 }), fc.integer(), (limitMs, seed) => {
        const turns = schedule(faults, limitMs, seed);
        const overture = turns.slice(0, faults.length);
        expect(new Set(overture.map(({ fault }) => fault)).size).toBe(faults.length);
        expect(overture.every(({ gentle }) => gentle)).toBe(true);
        expect(turns.slice(faults.length).some(({ gentle }) => gentle)).toBe(false);
        turns.slice(1).forEach((turn, index) => {
          if (index >= faults.length) return;
          const before = turns[index]!;
          expect(turn.atMs).toBeGreaterThanOrEqual(before.atMs + before.forMs);
        });
      }),
    );
  });

  test('of a single fault has a gentle first turn and no other', () => {
    for (const fault of ordinary) {
      expect(schedule([fault], 20_000, 3).map(({ gentle }) => gentle)).toEqual(
        schedule([fault], 20_000, 3).map((_, index) => index === 0),
      );
    }
  });

  test('is the same for the same seed and differs between seeds', () => {
    expect(schedule(faults, 30_000, 1)).toEqual(schedule(faults, 30_000, 1));
    expect(schedule(faults, 30_000, 1)).not.toEqual(schedule(faults, 30_000, 2));
  });

  test('of no fault is empty', () => expect(schedule([], 10_000, 1)).toEqual([]));
});
