import type { LooseEvent } from '../history/event.ts';
import type { EventSink } from '../history/jsonl.ts';
import { OpenCalls, RETIRED } from '../history/open-calls.ts';
import type { Value } from '../history/operation.ts';
import { type Problem, sentence } from '../history/problem.ts';
import type { FailedCas } from '../linearizability/part.ts';
import type { AnyModel, Key } from '../models/model.ts';
import { models } from '../models/models.ts';
import { keyOf, show } from '../models/value.ts';
import { distrusted, ModelFailure } from '../user-model/distrusted.ts';
import { Call } from './call.ts';
import { Workroom } from './frontier/frontier.ts';
import { type Common, KeyJudge, type Trouble } from './key-judge.ts';
import { Spelling } from './letter.ts';

export interface FollowOptions {
  /** What a `fail` of a compare-and-set means; by default that it was not executed. */
  readonly failedCas?: FailedCas;
  /** The value that the object starts from, in place of the model's own. */
  readonly initial?: Value;
  /** Configurations of one key beyond which it is given up. */
  readonly configurationsMax?: number;
  /** Events of one key that may wait for the answer of its oldest open call. */
  readonly waitingMax?: number;
}

/** A violation, as soon as it shows. Why exactly is for the checker to say, which has the whole history. */
export interface Sighting {
  readonly key: Value | undefined;
  /** In one sentence, for people. */
  readonly why: string;
  /** `index` of the invocation of the call that cannot be explained. */
  readonly operation: number;
  /** How many events had been told. */
  readonly events: number;
}

/** What a follower knows of a history, once it has ended or so far. */
export type Standing =
  | { readonly kind: 'pass' }
  | ({ readonly kind: 'violation' } & Sighting)
  /** It did not follow all of it: the checker has to judge the history at its end. */
  | { readonly kind: 'open'; readonly why: string };

/** Sizes, for progress lines and for tests. */
export interface Counts {
  readonly events: number;
  /** Calls that were answered, failed, or remained unknown. */
  readonly operations: number;
  readonly open: number;
  readonly keys: number;
  /** Keys of which more than their state is held. */
  readonly awake: number;
  readonly givenUp: number;
  /** Events that wait for an answer. */
  readonly waiting: number;
  readonly configurations: number;
  /** Entries of the tables of states and of sets. */
  readonly entries: number;
  readonly blocks: number;
  /** Calls of unknown outcome that may still take effect. */
  readonly unknown: number;
}

const defaults = { configurationsMax: 10_000, waitingMax: 200_000 };

interface Opened {
  readonly call: Call;
  readonly judge: KeyJudge;
  readonly key: Value | undefined;
}

/**
 * Judges a history for linearizability while it is being written: events go in, in order, and `violation` is set as
 * soon as the events so far cannot be explained. A violation is one whatever comes after, for a history is linearizable
 * only if its prefixes are.
 *
 * Exact: `standing` after `end` is what `checkLinearizability` says of the whole history, or `open`, where a key became
 * too hard to follow, the model does not know an operation, or the events are no history. A violation shows at the
 * event that makes the history illegal, or as late as the next `look`, while a call of the same key hangs; `look` costs
 * as much as the events that wait for that call.
 *
 * Memory is proportional to what is open, to the calls of unknown outcome that may still take effect, and to the number
 * of keys (their states); not to the length of the history.
 */
export class Follower implements EventSink {
  violation: Sighting | undefined;
  private readonly common: Common;
  private initial: unknown;
  private readonly judges = new Map<Key | undefined, KeyJudge>();
  private readonly awake = new Set<KeyJudge>();
  private readonly open = new Map<number, Opened>();
  private readonly retired = new OpenCalls();
  /** Why the checker has to judge. */
  private reason: string | undefined;
  private givenUp = 0;
  private events = 0;
  private operations = 0;
  private timed: boolean | undefined;
  private lastTime = 0;

  /** Whatever a model does, nothing here throws for it: then the checker has to judge. */
  constructor(given: AnyModel, options: FollowOptions = {}) {
    const { failedCas = 'ignore', initial, configurationsMax, waitingMax } = { ...defaults, ...options };
    const model = models.get(given.name) === given ? given : distrusted(given);
    this.common = {
      model,
      spelling: new Spelling(model, failedCas),
      room: new Workroom(configurationsMax),
      stepsMax: waitingMax,
    };
    this.heed(() => {
      const start = initial === undefined ? undefined : model.startingFrom(initial);
      if (start?.kind === 'refused') this.leave(start.why);
      else this.initial = start === undefined ? model.initial : start.state;
    });
  }

  /** The next event. Nothing is judged any more once a violation has been found or the events are no history. */
  take(event: LooseEvent, line: number): void {
    const position = this.events++;
    if (!this.judging) return;
    this.noteTime(event, line);
    const { process } = event;
    if (typeof process === 'string') return;
    this.heed(() => {
      if (event.type === 'invoke') this.invoke(process, event, position, line);
      else this.complete(process, event, position, line);
    });
  }

  /** Something that is no event at all. */
  refuse(problem: Problem): void {
    this.leave(sentence(problem));
  }

  /** Something odd that changes no verdict. */
  warn(): void {}

  /** Judges keys whose oldest call hangs by what is known. To be called now and then, a few times a second. */
  look(): void {
    this.heed(() => {
      for (const judge of this.awake) {
        const trouble = this.judging ? judge.look() : undefined;
        if (trouble !== undefined) this.report(trouble, judge);
      }
    });
  }

  /** Nothing more will come: what is open stays unknown. */
  end(): void {
    this.heed(() => {
      for (const { call, judge } of this.open.values()) if (this.judging) this.close(call, judge, 'unknown');
    });
    this.open.clear();
  }

  /** Why nothing is judged any more, if something other than a violation has ended it. */
  get leftBecause(): string | undefined {
    return this.reason;
  }

  get standing(): Standing {
    if (this.violation !== undefined) return { kind: 'violation', ...this.violation };
    if (this.reason !== undefined) return { kind: 'open', why: this.reason };
    if (this.givenUp > 0)
      return {
        kind: 'open',
        why: `${this.givenUp === 1 ? 'a key was' : `${this.givenUp} keys were`} too hard to follow`,
      };
    return { kind: 'pass' };
  }

  get counts(): Counts {
    const sums = { waiting: 0, configurations: 0, entries: 0, blocks: 0, unknown: 0 };
    for (const { counts } of this.awake) {
      sums.waiting += counts.waiting;
      sums.configurations += counts.configurations;
      sums.entries += counts.entries;
      sums.blocks += counts.blocks;
      sums.unknown += counts.unknown;
    }
    const { events, operations, givenUp } = this;
    return {
      events,
      operations,
      open: this.open.size,
      keys: this.judges.size,
      awake: this.awake.size,
      givenUp,
      ...sums,
    };
  }

  private invoke(process: number, event: LooseEvent, position: number, line: number): void {
    const retired = this.retired.get(process) === RETIRED;
    if (this.open.has(process) || retired) {
      this.leave(
        `line ${line}: process ${process} invokes ${event.f} ${retired ? 'after an unknown outcome' : 'while a call of it is open'}`,
      );
      return;
    }
    const { index = position, time = position } = event;
    const call = new Call({ ...event, process, index, position, time });
    const judge = this.judgeOf(event.key);
    this.open.set(process, { call, judge, key: event.key });
    if (judge.gaveUp === undefined) this.awake.add(judge);
    judge.invoke(call);
    this.afterwards(judge);
  }

  private complete(process: number, event: LooseEvent, position: number, line: number): void {
    const opened = this.open.get(process);
    if (opened === undefined || opened.call.f !== event.f || !speaksOf(opened.key, event.key)) {
      this.leave(`line ${line}: ${event.type} of ${event.f} by process ${process} completes no call of it`);
      return;
    }
    this.open.delete(process);
    const { call, judge } = opened;
    if (event.type === 'info') {
      this.retired.set(process, RETIRED);
      this.close(call, judge, 'unknown');
      return;
    }
    call.returnedAt = position;
    call.returnedNs = event.time ?? position;
    if (event.type === 'ok') {
      call.output = event.value;
      call.result = event.result;
    }
    this.close(call, judge, event.type === 'ok' ? 'ok' : 'failed');
  }

  private close(call: Call, judge: KeyJudge, outcome: 'ok' | 'failed' | 'unknown'): void {
    this.operations++;
    call.outcome = outcome;
    const trouble = judge.complete(call);
    if (trouble !== undefined) this.report(trouble, judge);
    this.afterwards(judge);
  }

  /** What a judge may have come to: rest, or the end of its patience. */
  private afterwards(judge: KeyJudge): void {
    if (judge.gaveUp !== undefined && this.awake.has(judge)) this.givenUp++;
    if (judge.atRest) this.awake.delete(judge);
  }

  private report(trouble: Trouble, { key }: KeyJudge): void {
    if (trouble.kind === 'refused') {
      this.leave(trouble.why);
      return;
    }
    const { call, why } = trouble;
    const where = key === undefined ? '' : ` on key ${show(key)}`;
    const sentence = `process ${call.process} did ${call.f}${where}: ${why}`;
    this.violation = { key, why: sentence, operation: call.index, events: this.events };
  }

  private get judging(): boolean {
    return this.violation === undefined && this.reason === undefined;
  }

  /** Works with the model, which somebody may have written who does not know its laws. */
  private heed(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error;
      this.leave(error.message);
    }
  }

  /** Follows no further. */
  private leave(why: string): void {
    this.reason ??= why;
  }

  private judgeOf(key: Value | undefined): KeyJudge {
    const own = this.common.model.partition === 'whole' || key === undefined ? undefined : keyOf(key);
    const known = this.judges.get(own);
    if (known !== undefined) return known;
    const judge = new KeyJudge(own === undefined ? undefined : key, this.initial, this.common);
    this.judges.set(own, judge);
    return judge;
  }

  /** Times must be there always or never; a model that reads them must be able to believe them. */
  private noteTime({ time }: LooseEvent, line: number): void {
    this.timed ??= time !== undefined;
    this.common.spelling.timed = this.timed;
    if (this.timed !== (time !== undefined)) this.leave(`line ${line}: only some of the events carry a time`);
    if (time === undefined) return;
    if (time < this.lastTime && this.common.model.timed) this.leave(`line ${line}: the times of the events go back`);
    this.lastTime = time;
  }
}

/** A completion may leave the key out. */
const speaksOf = (asked: Value | undefined, told: Value | undefined): boolean =>
  told === undefined || (asked !== undefined && keyOf(asked) === keyOf(told));
