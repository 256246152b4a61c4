import type { Outcome } from '../history/operation.ts';
import type { FailedCas } from '../linearizability/part.ts';
import { type AnyModel, type Effect, type Refusal, refused } from '../models/model.ts';
import type { Call } from './call.ts';

/** A call in the model's own terms. */
export interface Letter {
  readonly input: unknown;
  readonly seen: unknown;
  /** A pure observer: in no state does it change anything. */
  readonly observes: boolean;
  /** Calls of equal kin ask the same and were answered the same, so either may stand for the other. */
  readonly kin: string;
  /** What it needs and makes, where the model says so. */
  readonly effect: Effect | undefined;
}

/** In place of a letter: the call never took effect, or nobody could tell whether it did. */
export const NOTHING = undefined;

/** Reads calls as the model does. A call that is still open is read as one of unknown outcome. */
export class Spelling {
  /** Whether the history's times are to be believed; without them every call spans all time. */
  timed = true;
  readonly model: AnyModel;
  private readonly failedCas: FailedCas;

  constructor(model: AnyModel, failedCas: FailedCas) {
    this.model = model;
    this.failedCas = failedCas;
  }

  /** A failed compare-and-set that asserts a mismatch counts as one that took effect and answered false. */
  tookEffect({ outcome, f }: Call): boolean {
    return outcome === 'ok' || (outcome === 'failed' && f === 'cas' && this.failedCas === 'assert');
  }

  /** The call's letter, `NOTHING`, or why the model cannot judge such a history. */
  letterOf(call: Call): Letter | Refusal | typeof NOTHING {
    const definite = this.tookEffect(call);
    const outcome: Outcome = definite ? 'ok' : call.outcome === 'failed' ? 'failed' : 'unknown';
    const understood = this.model.understand({
      f: call.f,
      outcome,
      input: call.input,
      output: call.outcome === 'ok' ? call.output : undefined,
      result: call.outcome === 'ok' ? call.result : definite ? false : undefined,
      invokedNs: this.timed ? call.invokedNs : Number.NEGATIVE_INFINITY,
      returnedNs: this.timed && definite ? call.returnedNs : Number.POSITIVE_INFINITY,
    });
    if (understood.kind === 'refused') {
      return refused(
        `${understood.why}; but the operation at index ${call.index} is "${call.f}" by process ${call.process}`,
      );
    }
    if (outcome === 'failed') return NOTHING;
    const { input, seen } = understood;
    const observes = this.model.observes(input, seen);
    if (observes && !definite) return NOTHING;
    return { input, seen, observes, kin: this.kinOf(call, seen), effect: this.model.effect?.(input, seen) };
  }

  private kinOf(call: Call, seen: unknown): string {
    if (this.model.timed) return String(call.invokedAt);
    const asked = `${call.f} ${JSON.stringify(call.input)}`;
    return seen === undefined ? asked : `${asked} ${JSON.stringify(call.output)} ${JSON.stringify(call.result)}`;
  }
}
