import { fileURLToPath } from "node:url";
import { type ContainerRuntimeClient, getContainerRuntimeClient } from "testcontainers";
import { noOwnEngine, startOwnEngine } from "./own-engine.ts";
import { runProgram } from "./run-program.ts";

/** A container engine that testcontainers can use. */
export interface ContainerEngine {
  client: ContainerRuntimeClient;
  /** Ends the engine if it was started here. */
  stop(): Promise<void>;
}

/** Returns the running engine, found by DOCKER_HOST, the usual sockets or testcontainers' settings. */
export async function runningEngine(): Promise<ContainerEngine | undefined> {
  // Ask in another process: testcontainers caches the environment that it read before there was an engine.
  const ask = 'import { getContainerRuntimeClient } from "testcontainers"; await getContainerRuntimeClient();';
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const answers = await runProgram(process.execPath, ["--input-type=module", "-e", ask], { cwd }).then(
    () => true,
    () => false,
  );
  return answers ? { client: await getContainerRuntimeClient(), stop: async () => {} } : undefined;
}

/**
 * Returns the running engine, or starts one of our own.
 *
 * @param folder where our own engine keeps its images and programs
 * @throws Error if there is none and none can be started here
 */
export async function anyEngine(folder: string): Promise<ContainerEngine> {
  const running = await runningEngine();
  if (running) return running;
  const reason = noOwnEngine();
  if (reason !== undefined) throw new Error(`no container engine answers, and ${reason}`);
  const { host, stop } = await startOwnEngine(folder);
  process.env.DOCKER_HOST = host;
  // Inside a container, testcontainers would use the bridge's address, but ports are published on loopback.
  process.env.TESTCONTAINERS_HOST_OVERRIDE = "127.0.0.1";
  const client = await getContainerRuntimeClient();
  // Remove leftovers of a killed run. Nobody else uses this engine.
  await client.container.dockerode.pruneContainers();
  await client.container.dockerode.pruneNetworks();
  return { client, stop };
}
