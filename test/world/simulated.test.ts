import { describe } from 'vitest';
import { worldContract } from './contract.ts';
import { Universe } from './simulated.ts';

describe('the simulated world of the tests keeps the contract', () =>
  worldContract(async () => {
    const universe = new Universe();
    const [a, b] = [universe.boot('a'), universe.boot('b')];
    // Disks answer in virtual time, so it has to pass while a test waits for one.
    const passing = setInterval(() => void universe.pass(1), 1);
    return {
      a,
      b,
      pass: (ms) => universe.pass(ms),
      async crashA() {
        return universe.boot('a').disk;
      },
      async close() {
        clearInterval(passing);
      },
    };
  }));
