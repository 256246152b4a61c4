/** The checkers as a library: a recorded history in, a verdict out. No I/O, no chance, and no clock but in `check`. */
export { type CheckOptions, type CheckResult, check } from './check.ts';
export type { Checker, Finding, Limits } from './checker.ts';
export { judge } from './checker.ts';
export { detectFormat, type Format, formats, HistoryReader, type ReadOptions, readHistory } from './history/format.ts';
export type { History, NamedEvent, Operation } from './history/history.ts';
export { HistoryBuilder } from './history/history.ts';
export type { EventType, HistoryEvent, Outcome, ProcessId, Value } from './history/operation.ts';
export { linearizable } from './linearizability/checker.ts';
export type { Attempt, Explanation } from './linearizability/explain/explanation.ts';
export {
  checkLinearizability,
  type KeyResult,
  type LinearizabilityOptions,
  type LinearizabilityResult,
} from './linearizability/linearizability.ts';
export type { FailedCas } from './linearizability/part.ts';
export type { AnyModel, Key, Model, Recorded, Refusal, Step, Understanding } from './models/model.ts';
export { modelSummaries, models } from './models/models.ts';
export { counterBounds } from './properties/counter-bounds.ts';
export { definiteHoldOverlap } from './properties/definite-hold.ts';
export { fencing } from './properties/fencing.ts';
export { setFull } from './properties/set-full.ts';
export { tokenOrder } from './properties/token-order.ts';
export { uniqueIds } from './properties/unique-ids.ts';
export { checkSequential, type SequentialOptions, type SequentialResult } from './sequential/sequential.ts';
export { staleButOrdered } from './sequential/stale-but-ordered.ts';
export { loadModel } from './user-model/load.ts';
export type { Verdict } from './verdict.ts';
export { graver, pass, undecided, violation } from './verdict.ts';
