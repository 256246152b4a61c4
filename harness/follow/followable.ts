import type { Checker } from '../../checkers/checker.ts';
import type { LinearizabilityChecker } from '../../checkers/linearizability/checker.ts';
import { workloads } from '../workloads/catalogue.ts';

const asksForLinearizability = (checker: Checker): checker is LinearizabilityChecker => 'asks' in checker;

/** The one of these checkers whose question can be asked of a history while it is being written. */
export const followable = (checkers: readonly Checker[]): LinearizabilityChecker | undefined =>
  checkers.find(asksForLinearizability);

/** Names of the workloads whose runs can be followed. */
export const followableWorkloads = (): string[] =>
  workloads.filter((workload) => followable(workload.checkers()) !== undefined).map(({ name }) => name);
