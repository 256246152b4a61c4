import type { AnyModel, Effect, Key, Recorded, Step, Understanding } from '../models/model.ts';
import { same, show } from '../models/value.ts';
import { isRecord } from './record.ts';

/** A model threw, or answered with something that is no answer. The message says where, on what, and what. */
export class ModelFailure extends Error {
  /** The operation that the model was asked about, if it was asked about one. */
  readonly recorded: Recorded | undefined;

  constructor(message: string, recorded: Recorded | undefined, cause?: unknown) {
    super(message, { cause });
    this.recorded = recorded;
  }
}

/**
 * The same model, but what it throws and what it answers wrongly is a `ModelFailure`. The check can then say which
 * operation the model could not judge, where it would have failed somewhere in the search.
 */
export function distrusted(model: AnyModel): AnyModel {
  /** Inputs that are objects, by what they were made from. */
  const sources = new WeakMap<object, Recorded>();
  const sourceOf = (input: unknown) => (isRecord(input) ? sources.get(input) : undefined);

  function ask<Answer>(
    member: keyof AnyModel,
    call: () => Answer,
    right: (answer: Answer) => boolean,
    recorded?: Recorded,
  ): Answer {
    const about = recorded === undefined ? '' : ` of ${describe(recorded)}`;
    let answer: Answer;
    try {
      answer = call();
    } catch (error) {
      const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      throw new ModelFailure(`the model ${model.name} threw in ${member}${about}: ${what}`, recorded, error);
    }
    if (right(answer)) return answer;
    throw new ModelFailure(`the model ${model.name} answered nonsense in ${member}${about}`, recorded);
  }

  const { effect, growth } = model;
  const careful: Partial<AnyModel> = {
    startingFrom: (value) => ask('startingFrom', () => model.startingFrom(value), isStart),
    understand(recorded) {
      const understood = ask('understand', () => model.understand(recorded), isUnderstanding, recorded);
      if (understood.kind === 'operation' && isRecord(understood.input)) sources.set(understood.input, recorded);
      return understood;
    },
    step: (state, input, seen) => ask('step', () => model.step(state, input, seen), isStep, sourceOf(input)),
    key: (state) => ask('key', () => model.key(state), isKey),
    show: (state) => ask('show', () => model.show(state), isText),
    observes: (input, seen) => ask('observes', () => model.observes(input, seen), isTruth, sourceOf(input)),
    ...(effect && {
      effect: (input, seen) => ask('effect', () => effect.call(model, input, seen), isEffect, sourceOf(input)),
    }),
    ...(growth && {
      growth: {
        grows: (input, seen) => ask('growth', () => growth.grows(input, seen), isTruth, sourceOf(input)),
        mayBecome: (state, input, seen) =>
          ask('growth', () => growth.mayBecome(state, input, seen), isTruth, sourceOf(input)),
      },
    }),
  };
  // Over the model itself, for the members that need no care.
  return Object.create(model, Object.getOwnPropertyDescriptors(careful));
}

const isText = (answer: unknown): boolean => typeof answer === 'string';

const isTruth = (answer: unknown): boolean => typeof answer === 'boolean';

const isStep = (step: Step<unknown>): boolean =>
  isRecord(step) && (step.legal === true ? 'state' in step : step.legal === false && typeof step.why === 'function');

const isUnderstanding = (answer: Understanding<unknown, unknown>): boolean =>
  isRecord(answer) && (answer.kind === 'operation' ? 'input' in answer : isRefusal(answer));

const isStart = (answer: ReturnType<AnyModel['startingFrom']>): boolean =>
  isRecord(answer) && (answer.kind === 'state' ? 'state' in answer : isRefusal(answer));

const isRefusal = (answer: { readonly kind: unknown; readonly why?: unknown }): boolean =>
  answer.kind === 'refused' && typeof answer.why === 'string';

const isKey = (key: Key): boolean => key === null || ['string', 'number', 'boolean'].includes(typeof key);

const isEffect = (effect: Effect | undefined): boolean =>
  effect === undefined || (isRecord(effect) && typeof effect.kind === 'string');

/** As the history has it: `write 3 -> ok`. */
export function describe({ f, input, outcome, output, result }: Recorded): string {
  const argument = input === undefined ? '' : ` ${show(input)}`;
  const answer = result ?? (output !== undefined && input !== undefined && same(output, input) ? undefined : output);
  return `${f}${argument} -> ${outcome === 'ok' && answer !== undefined ? show(answer) : outcome}`;
}
