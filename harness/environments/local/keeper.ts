/**
 * The keeper: one helper process per run. It owns the links between the nodes (their proxies), off the harness's event
 * loop, and it outlives the harness: when its channel closes, even by a SIGKILL of the harness, it ends every process of
 * the run, stopped ones included, removes the run's data and its entry in the register, and exits.
 */
import { rmSync } from 'node:fs';
import type { Link } from '../../../nemesis/cluster.ts';
import { stream } from '../../../nemesis/random.ts';
import type {
  KeeperAnswer,
  KeeperBegin,
  KeeperCall,
  KeeperReady,
  KeeperRequest,
  LinkCount,
} from './keeper-protocol.ts';
import { LinkProxy } from './link-proxy.ts';
import { endRun, identityOf, type LiveRun, writeLive } from './live-register.ts';
import { end } from './process-table.ts';

class Keeper {
  readonly #begin: KeeperBegin;
  readonly #proxies = new Map<string, { readonly link: Link; readonly proxy: LinkProxy }>();
  #run: LiveRun;

  constructor(begin: KeeperBegin) {
    this.#begin = begin;
    this.#run = {
      cluster: begin.cluster,
      harness: identityOf(begin.harnessPid),
      keeper: identityOf(process.pid),
      processes: [],
      dataDirectory: begin.dataDirectory,
    };
  }

  async open(): Promise<KeeperReady> {
    writeLive(this.#begin.livePath, this.#run);
    for (const link of this.#begin.links) {
      const random = stream(this.#begin.seed, `link ${nameOf(link)}`);
      this.#proxies.set(nameOf(link), { link, proxy: await LinkProxy.open(this.#begin.host, random) });
    }
    return { ready: [...this.#proxies.values()].map(({ link, proxy }) => ({ ...link, port: proxy.port })) };
  }

  perform(request: KeeperRequest): readonly LinkCount[] | undefined {
    switch (request.do) {
      case 'cut': {
        const cut = new Set(request.links.map(nameOf));
        for (const [name, { proxy }] of this.#proxies) proxy.cut(cut.has(name));
        return undefined;
      }
      case 'shape':
        for (const link of request.links) this.#proxyOf(link).shape(request.quality);
        return undefined;
      case 'unshape':
        for (const { proxy } of this.#proxies.values()) proxy.shape({});
        return undefined;
      case 'aim':
        for (const { link, proxy } of this.#proxies.values())
          if (link.to === request.node) proxy.aim(request.target ?? undefined);
        return undefined;
      case 'guard':
        this.#record([...this.#run.processes, { name: request.name, ...identityOf(request.pid) }]);
        return undefined;
      case 'release':
        this.#record(this.#run.processes.filter(({ pid }) => pid !== request.pid));
        return undefined;
      case 'count':
        return [...this.#proxies.values()].map(({ link, proxy }) => ({ ...link, ...proxy.counters }));
      case 'dismiss':
        for (const entry of this.#run.processes) end(entry);
        rmSync(this.#begin.livePath, { force: true });
        return undefined;
      default:
        return request satisfies never;
    }
  }

  /** The harness is dead. */
  abandon(): void {
    endRun(this.#begin.livePath, this.#run);
  }

  #record(processes: LiveRun['processes']): void {
    this.#run = { ...this.#run, processes };
    writeLive(this.#begin.livePath, this.#run);
  }

  #proxyOf(link: Link): LinkProxy {
    const found = this.#proxies.get(nameOf(link));
    if (found === undefined) throw new Error(`there is no link ${nameOf(link)}`);
    return found.proxy;
  }
}

const nameOf = ({ from, to }: Link): string => `${from}>${to}`;

function answer({ id, request }: KeeperCall, keeper: Keeper): KeeperAnswer {
  try {
    const counts = keeper.perform(request);
    return { id, ok: true, ...(counts === undefined ? {} : { counts }) };
  } catch (error) {
    return { id, ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

// A Ctrl-C at the terminal reaches the harness, which stops the run in order; the keeper goes last.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);

const begin = JSON.parse(process.argv[2] ?? '') as KeeperBegin;
const keeper = new Keeper(begin);
let dismissed = false;
process.on('disconnect', () => {
  if (!dismissed) keeper.abandon();
  process.exit(0);
});
process.on('message', (call: KeeperCall) => {
  const told = answer(call, keeper);
  dismissed ||= call.request.do === 'dismiss' && told.ok;
  process.send?.(told, undefined, {}, () => dismissed && process.exit(0));
});
const ready = await keeper.open();
// The harness may have died before the channel was listened to.
if (process.connected) process.send?.(ready);
else keeper.abandon();
