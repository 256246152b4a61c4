import type { Environment } from './environment.ts';
import { localEnvironment } from './local/local.ts';
import { simulatedEnvironment } from './simulated/simulated.ts';

/** A fresh environment; the plan has checked that there is one of that name. */
export function environmentNamed(name: string): Environment {
  switch (name) {
    case 'local':
      return localEnvironment();
    case 'simulated':
      return simulatedEnvironment();
    default:
      throw new RangeError(`there is no environment '${name}'`);
  }
}
