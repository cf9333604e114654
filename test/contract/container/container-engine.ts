import { fileURLToPath } from "node:url";
import { type ContainerRuntimeClient, getContainerRuntimeClient } from "testcontainers";
import { noOwnEngine, startOwnEngine } from "./own-engine.ts";
import { runProgram } from "./run-program.ts";

/** A container engine as testcontainers sees it. */
export interface ContainerEngine {
  client: ContainerRuntimeClient;
  /** Ends the engine if it was started here. */
  stop(): Promise<void>;
}

/** The engine that is up already: by DOCKER_HOST, the usual sockets, or testcontainers' own settings. */
export async function runningEngine(): Promise<ContainerEngine | undefined> {
  // Asked by another process, for testcontainers keeps for good what it read of the environment before there was an engine.
  const ask = 'import { getContainerRuntimeClient } from "testcontainers"; await getContainerRuntimeClient();';
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const answers = await runProgram(process.execPath, ["--input-type=module", "-e", ask], { cwd }).then(
    () => true,
    () => false,
  );
  return answers ? { client: await getContainerRuntimeClient(), stop: async () => {} } : undefined;
}

/**
 * The engine that is up already, else one of our own.
 *
 * @param folder where an own engine keeps its images and programs
 * @throws Error when there is none, and none can be started here
 */
export async function anyEngine(folder: string): Promise<ContainerEngine> {
  const running = await runningEngine();
  if (running) return running;
  const reason = noOwnEngine();
  if (reason !== undefined) throw new Error(`no container engine answers, and ${reason}`);
  const { host, stop } = await startOwnEngine(folder);
  process.env.DOCKER_HOST = host;
  // Inside a container testcontainers would go by the bridge's address, but ports are published on loopback.
  process.env.TESTCONTAINERS_HOST_OVERRIDE = "127.0.0.1";
  const client = await getContainerRuntimeClient();
  // What a run left that was killed. Nobody else uses this engine.
  await client.container.dockerode.pruneContainers();
  await client.container.dockerode.pruneNetworks();
  return { client, stop };
}
