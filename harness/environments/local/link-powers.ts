/** Cutting, shaping and probing the links between local nodes. */
import type {
  Link,
  LinkProbe,
  LinkQualities,
  LinkQuality,
  NodeName,
  Partitioning,
  ProcessState,
} from '../../../nemesis/cluster.ts';
import type { System } from '../../../system-under-test/system.ts';
import type { Links } from './keeper-handle.ts';
import { ask, type ProbeAnswer } from './link-probe.ts';

/** A local link answers in about a millisecond; a busy machine gets so long, twice, before silence is called a cut. */
const limitMs = 300;
const attempts = 2;
/** What a lossy link may add: several retransmissions. */
const lossSlackMs = 1000;
/** What other traffic may have queued on a narrow link before the probe. */
const queueSlackMs = 1000;

export interface LinkWorld {
  readonly links: Links;
  readonly linkProbe: NonNullable<System['linkProbe']>;
  state(node: NodeName): ProcessState;
}

export interface LinkPowers {
  readonly partitioning: Partitioning;
  readonly linkQualities: LinkQualities;
}

export function linkPowers(world: LinkWorld): LinkPowers {
  const { links } = world;
  /** The quality of each link that is shaped: a slow link must not be mistaken for a cut one. */
  const shaped = new Map<string, LinkQuality>();
  const probe = (asked: readonly Link[], payloadBytes = 0): Promise<LinkProbe[]> =>
    Promise.all(
      asked.map((link) => probeLink(world, link, payloadBytes, slackMs(shaped.get(nameOf(link)), payloadBytes))),
    );
  return {
    partitioning: { cut: (asked) => links.cut(asked), probe: (asked) => probe(asked) },
    linkQualities: {
      async shape(asked, quality) {
        for (const link of asked) shaped.set(nameOf(link), quality);
        await links.shape(asked, quality);
      },
      async unshape() {
        await links.unshape();
        shaped.clear();
      },
      probe,
    },
  };
}

const nameOf = ({ from, to }: Link): string => `${from}>${to}`;

let probes = 0;

async function probeLink(world: LinkWorld, link: Link, payloadBytes: number, slackMs: number): Promise<LinkProbe> {
  let answer: ProbeAnswer = { kind: 'silent', how: '' };
  for (let attempt = 0; attempt < attempts; attempt++) {
    const dead = notRunning(world, link);
    if (dead !== undefined) return { link, state: 'unmeasurable', how: dead };
    const { request, reply } = world.linkProbe(`${process.pid}-${++probes}-${'x'.repeat(payloadBytes)}`);
    answer = await ask({ address: world.links.addressOf(link), request, reply, limitMs: limitMs + slackMs });
    if (answer.kind === 'answered') {
      return {
        link,
        state: 'through',
        roundTripMs: answer.roundTripMs,
        how: `answered in ${answer.roundTripMs.toFixed(1)} ms`,
      };
    }
  }
  // A node that was taken away while it was being asked explains its own silence.
  const dead = notRunning(world, link);
  if (dead !== undefined) return { link, state: 'unmeasurable', how: dead };
  if (answer.kind === 'closed') return { link, state: 'unmeasurable', how: answer.how };
  return { link, state: 'cut', how: `${answer.how}, asked ${attempts} times` };
}

function notRunning(world: LinkWorld, { from, to }: Link): string | undefined {
  const node = [to, from].find((end) => world.state(end) !== 'running');
  return node === undefined ? undefined : `${node} is ${world.state(node) === 'stopped' ? 'paused' : 'not running'}`;
}

function slackMs(quality: LinkQuality | undefined, payloadBytes: number): number {
  if (quality === undefined) return 0;
  const { delayMs = 0, jitterMs = 0, loss = 0, bytesPerSecond } = quality;
  const queueMs = bytesPerSecond === undefined ? 0 : queueSlackMs + (1000 * payloadBytes) / bytesPerSecond;
  return delayMs + jitterMs + queueMs + (loss > 0 ? lossSlackMs : 0);
}
