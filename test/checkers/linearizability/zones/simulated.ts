import type { Value } from '../../../../checkers/history/operation.ts';
import { Random } from '../random.ts';
import type { Call } from '../recording.ts';
import { type Mixture, mixtures } from './single-writer.ts';

export interface Workload {
  readonly mixture: Mixture;
  readonly operations: number;
  readonly processes: number;
  /** Of all operations, the share whose client never hears of them; half of these take effect. */
  readonly unknown: number;
  /** How many answers are made wrong, or intervals shortened. */
  readonly lies: number;
}

interface Client {
  call: { -readonly [Name in keyof Call]: Call[Name] } | undefined;
  effective: boolean;
  seen: Value;
}

/**
 * Clients of a correct compare-and-set register, on which no value is written twice: any number of operations, with
 * compare-and-sets from what the client last saw, so that most refusals are of values that are no longer there.
 */
export function simulated(workload: Workload, seed: number): Call[] {
  const random = new Random(seed);
  const { mixture, operations, processes, unknown } = workload;
  const [reads, writes, exchanges, denials] = mixtures[mixture];
  const kinds = [...'r'.repeat(reads), ...'w'.repeat(writes), ...'c'.repeat(exchanges), ...'d'.repeat(denials)];
  const clients = Array.from({ length: processes }, (): Client => ({ call: undefined, effective: false, seen: null }));
  const calls: NonNullable<Client['call']>[] = [];
  let state: Value = null;
  let fresh = 0;
  let open = 0;
  for (let now = 1; calls.length < operations || open > 0; now++) {
    const client = random.pick(clients);
    if (client.call === undefined) {
      if (calls.length < operations) invoke(client, now);
    } else if (!client.effective) takeEffect(client);
    else complete(client, now);
  }
  for (let lie = 0; lie < workload.lies; lie++) tell(random.pick(calls), calls, random);
  return calls;

  function invoke(client: Client, now: number): void {
    const kind = random.pick(kinds);
    const from = kind === 'd' ? random.pick([null, random.below(fresh + 1)]) : client.seen;
    const asked =
      kind === 'r'
        ? { f: 'read' }
        : kind === 'w'
          ? { f: 'write', input: fresh++ }
          : { f: 'cas', input: [from, fresh++] };
    client.call = { ...asked, outcome: 'unknown', invokedAt: now, returnedAt: Number.POSITIVE_INFINITY };
    client.effective = false;
    calls.push(client.call);
    open++;
  }

  function takeEffect(client: Client): void {
    client.effective = true;
    const { f, input } = client.call!;
    if (f === 'read') client.call!.output = state;
    else if (f === 'write') state = input!;
    else {
      const [from, to] = input as [Value, Value];
      client.call!.result = state === from;
      if (state === from) state = to;
    }
    client.seen = state;
    if (random.chance(unknown)) leave(client);
  }

  function complete(client: Client, now: number): void {
    client.call!.outcome = 'ok';
    client.call!.returnedAt = now;
    client.call = undefined;
    open--;
  }

  function leave(client: Client): void {
    delete client.call!.output;
    delete client.call!.result;
    client.call = undefined;
    open--;
  }
}

function tell(call: NonNullable<Client['call']>, calls: readonly Call[], random: Random): void {
  if (call.outcome !== 'ok') return;
  if (random.chance(0.3)) call.returnedAt = call.invokedAt + (call.returnedAt - call.invokedAt) * random.fraction();
  else if (call.f === 'cas') call.result = !call.result;
  else if (call.f === 'read') call.output = random.pick(calls.filter(({ output }) => output !== undefined)).output!;
}
