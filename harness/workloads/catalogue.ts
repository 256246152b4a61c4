import { counter } from './counter.ts';
import { fencedLock } from './fenced-lock.ts';
import { lock } from './lock.ts';
import { register } from './register.ts';
import { set } from './set.ts';
import type { Workload } from './workload.ts';

/** Every workload, in the order in which a campaign runs them. */
export const workloads: readonly Workload[] = [register, set, counter, lock, fencedLock];
