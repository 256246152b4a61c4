import { Client, type Ending } from './client/client.ts';
import type { RunningCluster } from './environments/environment.ts';
import type { Planned } from './generator/generator.ts';
import type { RunPlan } from './plan.ts';
import type { Recorder } from './recorder.ts';
import type { OutcomeCounts } from './store/run-record.ts';

interface Seat {
  readonly process: number;
  readonly client: Client;
  readonly close: () => Promise<void>;
}

/**
 * The clients behind the workers: one logical client per process, pinned to a node so that an isolated leader still has
 * traffic, replaced (with its connections and its session) when its process retires.
 */
export class Workers {
  readonly #plan: RunPlan;
  readonly #running: RunningCluster;
  readonly #recorder: Recorder;
  readonly #seats: Seat[] = [];
  readonly #protocolErrors: string[] = [];
  /** By phase, then by kind of operation. */
  readonly counts: Record<string, Record<string, OutcomeCounts>> = {};

  constructor(plan: RunPlan, running: RunningCluster, recorder: Recorder) {
    this.#plan = plan;
    this.#running = running;
    this.#recorder = recorder;
  }

  /** Answers that broke the system's own contract, in order of arrival. */
  get protocolErrors(): readonly string[] {
    return [...this.#protocolErrors, ...this.#seats.flatMap((seat) => seat.client.protocolErrors)];
  }

  /** Performs and records one operation; never rejects for what a node does. */
  async perform(phase: string, worker: number, process: number, planned: Planned): Promise<Ending> {
    const client = this.#clientOf(worker, process);
    this.#recorder.invoke(process, planned);
    const ending = await client.perform(planned);
    this.#recorder.complete(process, planned, ending);
    this.#count(phase, planned.f, ending.type);
    return ending;
  }

  async close(): Promise<void> {
    await Promise.all(this.#seats.map((seat) => seat.close()));
  }

  #clientOf(worker: number, process: number): Client {
    const seat = this.#seats[worker];
    if (seat?.process === process) return seat.client;
    if (seat !== undefined) {
      this.#protocolErrors.push(...seat.client.protocolErrors);
      void seat.close();
    }
    const { system, workload, nodes } = this.#plan;
    const first = worker % nodes.length;
    const transport = this.#running.transport(worker);
    const client = new Client({
      system,
      transport,
      nodes: [...nodes.slice(first), ...nodes.slice(0, first)],
      timeoutMs: workload.timeoutMs,
      attempts: workload.attempts,
      sessions: workload.sessions,
      object: workload.object,
    });
    this.#seats[worker] = { process, client, close: () => transport.close() };
    return client;
  }

  #count(phase: string, f: string, type: Ending['type']): void {
    this.counts[phase] ??= {};
    const kinds = this.counts[phase];
    kinds[f] ??= { ok: 0, failed: 0, unknown: 0 };
    kinds[f][type === 'ok' ? 'ok' : type === 'fail' ? 'failed' : 'unknown']++;
  }
}
