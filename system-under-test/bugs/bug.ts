import type { RaftRules } from '../raft/rules.ts';
import type { ServiceRules } from '../service/rules.ts';
import type { PlantedBug } from '../system.ts';
import type { World } from '../world/world.ts';

/** What a node is made of. A planted bug replaces one rule in it, or decorates one door of the world. */
export interface Build {
  readonly raftRules: RaftRules;
  readonly serviceRules: ServiceRules;
  readonly world: World;
}

export interface Bug {
  readonly description: PlantedBug;
  plant(build: Build): Build;
}
