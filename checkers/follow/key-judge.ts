import type { Value } from '../history/operation.ts';
import type { AnyModel, Refusal } from '../models/model.ts';
import type { Call } from './call.ts';
import { Frontier, type Workroom } from './frontier/frontier.ts';
import { NOTHING, type Spelling } from './letter.ts';
import { Steps } from './steps.ts';
import { type Shown, Zones } from './zones.ts';

/** What a call has shown, besides that all is well so far. */
export type Trouble = { readonly kind: 'impossible'; readonly why: string; readonly call: Call } | Refusal;

/** What all keys of one follower share. */
export interface Common {
  readonly model: AnyModel;
  readonly spelling: Spelling;
  readonly room: Workroom;
  /** More steps than this may not wait on one key for the answer of its oldest open call. */
  readonly stepsMax: number;
}

/** Steps that come in between two looks ahead of the same key, at least. */
const lookEvery = 64;
/** Blocks that the zones may hold beyond twice what the last sweep left. */
const sweepEvery = 32;

/**
 * The judge of one key. Two work side by side: the zones, as long as the key is a register whose values have one
 * possible writer each, and the frontier of configurations, as long as it stays small. Either is exact, so one that is
 * left is enough; when both have given up, the key is given up.
 *
 * The frontier takes events in order and must know answers in advance, so steps wait until the oldest open call has
 * been answered. So that a call which hangs cannot hide a violation, `look` goes ahead with what is known, on a copy.
 *
 * With nothing open and one possible state, all that happened before is settled: only the state is kept.
 */
export class KeyJudge {
  readonly key: Value | undefined;
  /** Why nobody follows this key any more. */
  gaveUp: string | undefined;
  private readonly common: Common;
  private state: unknown;
  private zones: Zones | undefined;
  private frontier: Frontier | undefined;
  private steps: Steps | undefined;
  private open = 0;
  private sweepAt = sweepEvery;
  private lookAt = lookEvery;
  /** Something was told since the last look that a look could make use of. */
  private news = false;

  constructor(key: Value | undefined, state: unknown, common: Common) {
    this.key = key;
    this.state = state;
    this.common = common;
  }

  /** Nothing is kept but the state. */
  get atRest(): boolean {
    return this.steps === undefined;
  }

  get counts() {
    return {
      waiting: this.steps?.length ?? 0,
      configurations: this.frontier?.configurations ?? 0,
      entries: this.frontier?.entries ?? 0,
      blocks: this.zones?.size ?? 0,
      unknown: Math.max(this.frontier?.unknownCalls ?? 0, this.zones?.pendingWrites ?? 0),
    };
  }

  invoke(call: Call): void {
    this.open++;
    if (this.gaveUp !== undefined) return;
    if (this.steps === undefined) this.wake();
    const steps = this.steps!;
    steps.push(call, false);
    const kind = this.common.model.cell?.[call.f];
    if (kind !== 'read' && kind !== 'write') this.zones = undefined;
    else if (kind === 'write') this.heed(this.zones?.write(call, steps.first!.call.invokedAt), call);
    if (steps.length > this.common.stepsMax) this.giveUp('a call has been open for too long');
    else this.giveUpIfNobodyIsLeft();
  }

  /** The call has been answered, has failed, or its outcome is unknown. */
  complete(call: Call): Trouble | undefined {
    this.open--;
    const letter = this.common.spelling.letterOf(call);
    if (letter !== undefined && 'kind' in letter) return letter;
    call.letter = letter;
    if (this.gaveUp !== undefined) return undefined;
    this.news = true;
    const shown = this.heed(this.askZones(call), call);
    if (shown !== undefined) return shown;
    if (this.frontier !== undefined && this.common.spelling.tookEffect(call)) this.steps!.push(call, true);
    const trouble = this.settle();
    if (trouble !== undefined) return trouble;
    this.tidy();
    return this.steps !== undefined && this.steps.length > this.lookAt ? this.look() : undefined;
  }

  /** Judges what is known by now as it stands, with what is open as unknown. */
  look(): Trouble | undefined {
    if (!this.news || this.frontier === undefined || this.steps === undefined) return undefined;
    this.news = false;
    this.lookAt = 2 * this.steps.length + lookEvery;
    const ahead = this.frontier.fork();
    for (const { call, returns } of this.steps) {
      const progress = returns ? ahead.close(call) : this.begin(call, ahead);
      if (progress === 'impossible') return unexplained(call);
      if (progress === 'too-many') return undefined;
    }
    return undefined;
  }

  /** Takes the steps that are settled: all up to the invocation of the oldest open call. */
  private settle(): Trouble | undefined {
    const { frontier, steps } = this;
    if (steps === undefined) return undefined;
    for (let step = steps.first; step !== undefined && step.call.outcome !== 'open'; step = steps.first) {
      steps.shift();
      if (this.frontier === undefined) continue;
      const progress = step.returns ? frontier!.close(step.call) : this.begin(step.call, frontier!);
      if (progress === 'impossible') return unexplained(step.call);
      if (progress === 'too-many') this.dropFrontier();
    }
    return undefined;
  }

  private begin(call: Call, frontier: Frontier): 'explained' | 'too-many' {
    const { spelling } = this.common;
    const letter = call.outcome === 'open' ? spelling.letterOf(call) : call.letter;
    if (letter === NOTHING || 'kind' in letter) return 'explained'; // a refusal is told when the call completes
    if (spelling.tookEffect(call)) return frontier.open(call, letter) ? 'explained' : 'too-many';
    frontier.openUnknown(letter);
    return 'explained';
  }

  private askZones(call: Call): Shown {
    const { zones } = this;
    if (zones === undefined || call.outcome === 'unknown') return undefined;
    const writes = this.common.model.cell?.[call.f] === 'write';
    if (call.outcome === 'failed') return writes ? zones.failed(call) : undefined;
    return writes ? zones.wrote(call) : zones.read(call);
  }

  private heed(shown: Shown, call: Call): Trouble | undefined {
    if (shown?.kind === 'impossible') return { kind: 'impossible', why: shown.why, call };
    if (shown?.kind === 'beyond') this.zones = undefined;
    return undefined;
  }

  private dropFrontier(): void {
    this.frontier = undefined;
    this.giveUpIfNobodyIsLeft();
  }

  private giveUpIfNobodyIsLeft(): void {
    if (this.zones === undefined && this.frontier === undefined) this.giveUp('too many orders are possible');
  }

  private giveUp(why: string): void {
    this.gaveUp = why;
    this.zones = undefined;
    this.frontier = undefined;
    this.steps = undefined;
    this.state = undefined;
  }

  /** Forgets what can be forgotten, all of it when the key comes to rest. */
  private tidy(): void {
    const { zones, frontier, steps } = this;
    if (steps === undefined) return;
    if (this.open === 0) this.rest();
    else if (zones !== undefined && zones.size > this.sweepAt) {
      zones.sweep(steps.first!.call.invokedAt);
      this.sweepAt = 2 * zones.size + sweepEvery;
    }
    if (frontier === undefined && zones === undefined) this.giveUpIfNobodyIsLeft();
  }

  private rest(): void {
    const { zones, frontier } = this;
    zones?.sweep(Number.POSITIVE_INFINITY);
    let settled = frontier?.settledState;
    if (settled === undefined && frontier === undefined) {
      const value = zones?.settledValue;
      if (value !== undefined) settled = { state: value.value };
    }
    if (settled === undefined) return;
    this.state = settled.state;
    this.zones = undefined;
    this.frontier = undefined;
    this.steps = undefined;
    this.sweepAt = sweepEvery;
    this.lookAt = lookEvery;
  }

  private wake(): void {
    const { model, room } = this.common;
    this.steps = new Steps();
    this.frontier = new Frontier(model, this.state, room);
    // The state of a cell is the value it holds.
    this.zones = model.cell === undefined ? undefined : new Zones(this.state as Value);
    this.state = undefined;
  }
}

const unexplained = (call: Call): Trouble => ({
  kind: 'impossible',
  why: `no order explains its ${call.f} together with what was answered before`,
  call,
});
