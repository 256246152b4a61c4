import type { Json } from '../system.ts';
import type { Reply } from './api.ts';

/** What only tests may do to a node: bend its clocks, slow its disk. */
export interface HookTargets {
  readonly clock: { jump(byMs: number): void; setRate(rate: number): void; reset(): void };
  readonly disk: { slowSync(delayMs: number): void };
}

const rateMin = 0.01;
const rateMax = 100;
const delayMsMax = 60_000;

export class Hooks {
  readonly #targets: HookTargets;

  constructor(targets: HookTargets) {
    this.#targets = targets;
  }

  handle(method: string, path: string, body: string): Reply {
    if (method !== 'POST') return refusal(405, `${path} takes POST`);
    const field = onlyField(body);
    if (field === undefined) return refusal(400, 'the body must be a JSON object with one field');
    const [name, value] = field;
    switch (`${path} ${name}`) {
      case '/test/clock jumpMs':
        if (typeof value !== 'number') return refusal(400, '"jumpMs" must be a number');
        this.#targets.clock.jump(value);
        return done;
      case '/test/clock rate':
        if (typeof value !== 'number' || value < rateMin || value > rateMax) {
          return refusal(400, `"rate" must be a number from ${rateMin} to ${rateMax}`);
        }
        this.#targets.clock.setRate(value);
        return done;
      case '/test/clock reset':
        if (value !== true) return refusal(400, '"reset" must be true');
        this.#targets.clock.reset();
        return done;
      case '/test/disk slowSyncMs':
        if (typeof value !== 'number' || value < 0 || value > delayMsMax) {
          return refusal(400, `"slowSyncMs" must be a number from 0 to ${delayMsMax}`);
        }
        this.#targets.disk.slowSync(value);
        return done;
      default:
        return refusal(404, `there is no hook ${path} with "${name}"`);
    }
  }
}

const done: Reply = { status: 200, body: { ok: true, value: null } };

function refusal(status: number, text: string): Reply {
  return { status, body: { ok: false, error: { code: 'bad-hook', definite: true, text } } };
}

function onlyField(body: string): readonly [string, Json] | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return undefined;
    const fields = Object.entries(value);
    return fields.length === 1 ? fields[0] : undefined;
  } catch {
    return undefined;
  }
}
