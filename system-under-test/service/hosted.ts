import { type Build, plant } from '../bugs/index.ts';
import { rules as raftRules } from '../raft/rules.ts';
import type { HostedNode, Hosting } from '../system.ts';
import { Api, clusterHeader } from './api.ts';
import { Hooks } from './hooks.ts';
import { startNode } from './node.ts';
import { parseOptions } from './options.ts';
import { rules as serviceRules } from './rules.ts';

/** A node of this service inside the caller's process: all of `main.ts` but the process and the sockets. */
export async function host(hosting: Hosting): Promise<HostedNode> {
  const { world, log, fatal } = hosting;
  const build: Build = plant(hosting.bugs, { raftRules, serviceRules, world });
  const node = await startNode({ ...build, log, fatal }, { ...hosting, ...parseOptions(hosting.options) });
  const api = new Api({ ...hosting, node, syncMs: () => world.disk.syncMs });
  const hooks = new Hooks(world);
  return {
    answer({ method, path, cluster, body }, take) {
      if (path.startsWith('/test/')) {
        const reply = hooks.handle(method, path, body);
        take(reply.status, reply.body);
        return;
      }
      api.answer(method, path, { [clusterHeader]: cluster }, body, (reply) => take(reply.status, reply.body));
    },
    stop: () => node.stop(),
  };
}
