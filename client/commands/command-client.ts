import type { ClientCore } from "../client-core.ts";
import { ClientTasks } from "../client-tasks.ts";
import type { ClusterAddress } from "../cluster/find-cluster.ts";

/**
 * The client of a command, with the methods that work on tasks by id. Unlike a user's client, it does not report
 * failures that nobody awaited: a command prints only what it was asked for.
 */
export class CommandClient extends ClientTasks {
  readonly core: ClientCore;
  /** Where the cluster was found. */
  readonly address: ClusterAddress;

  constructor(core: ClientCore, address: ClusterAddress) {
    super(core);
    this.core = core;
    this.address = address;
  }

  close(): Promise<void> {
    return this.core.close();
  }
}
