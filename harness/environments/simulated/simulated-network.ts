import type { Link, LinkProbe, LinkQuality } from '../../../nemesis/cluster.ts';
import type { Random } from '../../random.ts';
import type { Simulation } from './simulation.ts';

/** A message takes at least so long, and as much again on average. */
const latencyMinMs = 0.1;
const latencyMeanMs = 0.3;
/** What was lost comes again after so long, as TCP would send it. */
const retransmissionMs = 200;
const probeLimitMs = 300;

interface LinkState {
  cut: boolean;
  quality: LinkQuality;
  /** Nothing on one link overtakes what was sent before it. */
  lastArrivalMs: number;
  /** Sent while it was cut: they arrive after the heal, late. */
  readonly held: Message[];
  /** On their way, in order. */
  readonly flying: Flight[];
}

interface Message {
  readonly bytes: number;
  readonly arrive: () => void;
}

interface Flight extends Message {
  timer: { cancel(): void };
}

/** Directed links between nodes, in order and without loss as TCP has it; what is cut stalls. */
export class SimulatedNetwork {
  readonly #simulation: Simulation;
  readonly #random: Random;
  readonly #links = new Map<string, LinkState>();

  constructor(simulation: Simulation, random: Random) {
    this.#simulation = simulation;
    this.#random = random;
  }

  /** Milliseconds that a message takes where nothing is wrong. */
  latencyMs(): number {
    return latencyMinMs - latencyMeanMs * Math.log(1 - this.#random());
  }

  send(from: string, to: string, bytes: number, arrive: () => void): void {
    const link = this.#link(from, to);
    if (link.cut) link.held.push({ bytes, arrive });
    else this.#carry(link, bytes, arrive);
  }

  /** Exactly these links are cut afterwards. */
  cut(links: readonly Link[]): void {
    const wanted = new Set(links.map(({ from, to }) => nameOf(from, to)));
    for (const { from, to } of links) this.#link(from, to);
    for (const [name, link] of this.#links) {
      link.cut = wanted.has(name);
      if (!link.cut) for (const { bytes, arrive } of link.held.splice(0)) this.#carry(link, bytes, arrive);
    }
  }

  shape(links: readonly Link[], quality: LinkQuality): void {
    for (const { from, to } of links) this.#link(from, to).quality = quality;
  }

  /** What still waits for its turn on a bad link goes on as on a good one. */
  unshape(): void {
    for (const link of this.#links.values()) {
      link.quality = {};
      link.lastArrivalMs = 0;
      for (const { bytes, arrive, timer } of link.flying.splice(0)) {
        timer.cancel();
        this.#carry(link, bytes, arrive);
      }
    }
  }

  /** There over the link, and back over no link at all: one direction is asked about. */
  async probe(asked: Link, payloadBytes: number): Promise<LinkProbe> {
    const sentMs = this.#simulation.nowMs();
    const slackMs = slackOf(this.#link(asked.from, asked.to).quality, payloadBytes);
    return new Promise((resolve) => {
      const silent = this.#simulation.after(probeLimitMs + slackMs, () => {
        resolve({ link: asked, state: 'cut', how: `no answer within ${probeLimitMs + slackMs} ms` });
      });
      this.send(asked.from, asked.to, payloadBytes, () => {
        silent.cancel();
        const roundTripMs = this.#simulation.nowMs() - sentMs;
        resolve({ link: asked, state: 'through', roundTripMs, how: `answered in ${roundTripMs.toFixed(1)} ms` });
      });
    });
  }

  #carry(link: LinkState, bytes: number, arrive: () => void): void {
    const { delayMs = 0, jitterMs = 0, loss = 0, bytesPerSecond } = link.quality;
    const lostMs = loss > 0 && this.#random() < loss ? retransmissionMs : 0;
    const transferMs = bytesPerSecond === undefined ? 0 : (1000 * bytes) / bytesPerSecond;
    const travelMs = this.latencyMs() + delayMs + jitterMs * this.#random() + lostMs;
    const nowMs = this.#simulation.nowMs();
    link.lastArrivalMs = Math.max(nowMs + travelMs, link.lastArrivalMs) + transferMs;
    const flight: Flight = { bytes, arrive, timer: { cancel: () => undefined } };
    flight.timer = this.#simulation.after(link.lastArrivalMs - nowMs, () => {
      link.flying.shift(); // nothing overtakes: the first to arrive is the first that was sent
      arrive();
    });
    link.flying.push(flight);
  }

  #link(from: string, to: string): LinkState {
    const name = nameOf(from, to);
    let link = this.#links.get(name);
    if (link === undefined) {
      link = { cut: false, quality: {}, lastArrivalMs: 0, held: [], flying: [] };
      this.#links.set(name, link);
    }
    return link;
  }
}

const nameOf = (from: string, to: string): string => `${from}>${to}`;

/** A slow link must not be taken for a cut one. */
function slackOf({ delayMs = 0, jitterMs = 0, loss = 0, bytesPerSecond }: LinkQuality, payloadBytes: number): number {
  const queueMs = bytesPerSecond === undefined ? 0 : 1000 + (1000 * payloadBytes) / bytesPerSecond;
  return delayMs + jitterMs + queueMs + (loss > 0 ? 5 * retransmissionMs : 0);
}
