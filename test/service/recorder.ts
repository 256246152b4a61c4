import type { Command, Operation, Response, SessionCall } from '../../system-under-test/service/command.ts';
import { Machine, type MachineSnapshot } from '../../system-under-test/service/machine.ts';
import { rules, type ServiceRules } from '../../system-under-test/service/rules.ts';
import type { Json } from '../../system-under-test/system.ts';

interface RecordedOptions {
  readonly rules?: ServiceRules;
  readonly sessionsMax?: number;
}

/** A state machine whose answers are kept by request number. */
export class RecordedMachine {
  readonly machine: Machine;
  readonly answers = new Map<number, Response>();
  readonly changedLocks: string[] = [];
  readonly #options: RecordedOptions;
  #requests = 0;

  constructor(options: RecordedOptions = {}) {
    this.#options = options;
    this.machine = new Machine(
      { rules: options.rules ?? rules, sessionsMax: options.sessionsMax ?? 100 },
      {
        answered: (origin, response) => this.answers.set(origin.request, response),
        lockChanged: (lock) => this.changedLocks.push(lock),
      },
    );
  }

  /** Applies the operation as the next entry; returns the number of its request. */
  submit(operation: Operation, session?: SessionCall): number {
    const request = ++this.#requests;
    const command: Command = {
      origin: { node: 'n1', incarnation: 1, request },
      ...(session && { session }),
      operation,
    };
    this.machine.apply(this.machine.applied + 1, command);
    return request;
  }

  /** Applies the operation and returns its answer; undefined while it waits. */
  do(operation: Operation, session?: SessionCall): Response | undefined {
    return this.answers.get(this.submit(operation, session));
  }

  /** As `do`, for an operation that must succeed. */
  value(operation: Operation, session?: SessionCall): Json {
    const response = this.do(operation, session);
    if (!response?.ok) throw new Error(`${operation.op} answered ${JSON.stringify(response)}`);
    return response.value;
  }

  /** A machine that goes on from this one's snapshot. */
  restored(): RecordedMachine {
    const copy = new RecordedMachine(this.#options);
    copy.machine.restore(JSON.parse(JSON.stringify(this.machine.snapshot())) as MachineSnapshot);
    copy.#requests = this.#requests;
    return copy;
  }
}
