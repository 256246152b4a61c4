/** The checkers as a library: a recorded history in, a verdict out. No I/O, no clock, no chance. */
export type { Checker, Finding, Limits } from './checker.ts';
export { judge } from './checker.ts';
export type { History, NamedEvent, Operation } from './history/history.ts';
export { HistoryBuilder } from './history/history.ts';
export type { EventType, HistoryEvent, Outcome, ProcessId, Value } from './history/operation.ts';
export type { AnyModel, Model, Recorded, Step } from './models/model.ts';
export { models } from './models/models.ts';
export type { Verdict } from './verdict.ts';
export { graver, pass, undecided, violation } from './verdict.ts';
