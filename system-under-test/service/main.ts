import { type Build, plant } from '../bugs/index.ts';
import { rules as raftRules } from '../raft/rules.ts';
import { realWorld } from '../world/real.ts';
import { Api } from './api.ts';
import { type Arguments, parseArguments } from './arguments.ts';
import { Hooks } from './hooks.ts';
import { HttpServer } from './http.ts';
import { type ServiceNode, startNode } from './node.ts';
import { rules as serviceRules } from './rules.ts';

/**
 * The process of one node. First line on standard output: where it listens. Everything else goes to standard error.
 * Exit codes: 0 asked to end, 64 bad usage, 70 the node could not go on.
 */
const exitCodes = { ended: 0, usage: 64, broken: 70 } as const;

type Level = 'info' | 'error';

function log(level: Level, text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${level} ${text}\n`);
}

async function run(args: Arguments): Promise<void> {
  const note = (text: string) => log('info', `${args.id} ${text}`);
  const world = realWorld({ ...args, log: note });
  const build: Build = plant(args.bugs, { raftRules, serviceRules, world });
  const node = await startNode(
    { ...build, log: note, fatal: (error) => end(exitCodes.broken, 'error', error.stack ?? error.message) },
    { ...args, ...args.options },
  );
  const api = new Api({ ...args, node, syncMs: () => world.disk.syncMs });
  const server = new HttpServer(api, args.testHooks ? new Hooks(world) : undefined);
  const peerPort = await world.network.start(args.host, args.peerPort);
  const clientPort = await server.listen(args.host, args.clientPort);
  endWhenAsked(args, node);
  process.stdout.write(`${JSON.stringify({ event: 'listening', clientPort, peerPort })}\n`);
}

function endWhenAsked(args: Arguments, node: ServiceNode): void {
  const stop = (why: string) => {
    node.stop();
    end(exitCodes.ended, 'info', `${args.id} ends: ${why}`);
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
  // No node survives the harness that started it, however that ended.
  if (args.exitWithStdin) process.stdin.once('end', () => stop('standard input ended')).resume();
}

/** Everything that was promised is durable, so there is nothing to wait for. */
function end(code: number, level: Level, text: string): never {
  log(level, text);
  process.exit(code);
}

function readArguments(): Arguments {
  try {
    return parseArguments(process.argv.slice(2));
  } catch (error) {
    return end(exitCodes.usage, 'error', (error as Error).message);
  }
}

process.on('uncaughtException', (error) => end(exitCodes.broken, 'error', error.stack ?? error.message));
await run(readArguments()).catch((error: Error) => end(exitCodes.broken, 'error', error.stack ?? error.message));
