import { Network, type StartedNetwork, Wait } from "testcontainers";
import { localstackImage, RULE_STATE, START_SCRIPTS } from "./localstack-image.ts";
import { LoopbackLocalstack } from "./loopback-localstack.ts";
import { builtImage, type PreparedImage, pulledImage } from "./prepared-image.ts";

/** Later tags require an account. */
const LAST_FREE_TAG = "localstack/localstack:4.14.0";
/** Image to pull, or `local` to build one here. Default: the last free tag or, if it cannot be pulled, `local`. */
const WANTED = process.env.FANTAIL_LOCALSTACK_IMAGE;

interface PreparedLocalstack extends PreparedImage {
  /** Whether it was built here: functions are then processes, and DynamoDB is moto. */
  isLocal: boolean;
}

let preparing: Promise<PreparedLocalstack> | undefined;
let name = "LocalStack";

/** Returns the engine with the image, prepared once. Rejects with the reason if that fails. */
export function preparedLocalstack(): Promise<PreparedLocalstack> {
  preparing ??= prepare();
  return preparing;
}

/** Name of the image for messages. Which one is used is only known once it is prepared. */
export function localstackName(): string {
  return name;
}

/**
 * Returns why LocalStack is unavailable here; undefined if it is available. Builds the local image if no other can be
 * pulled.
 */
export async function localstackMissing(): Promise<string | undefined> {
  try {
    await preparedLocalstack();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Starts LocalStack and waits until it answers. */
export async function startLocalstack(): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const prepared = await preparedLocalstack();
  // Functions of the local image are processes in its container. A network's bridge would outlive an engine whose owner
  // is killed.
  const network = prepared.isLocal ? undefined : await new Network().start();
  try {
    const container = await containerOf(prepared, network).start();
    return {
      endpoint: container.getConnectionUri(),
      stop: async () => {
        await container.stop({ timeout: 0 });
        await network?.stop();
        await prepared.engine.stop();
      },
    };
  } catch (error) {
    await network?.stop();
    await prepared.engine.stop();
    throw error;
  }
}

async function prepare(): Promise<PreparedLocalstack> {
  const image = WANTED ?? LAST_FREE_TAG;
  if (image !== "local") {
    name = `LocalStack in a container (${image})`;
    try {
      return { ...(await pulledImage(image)), isLocal: false };
    } catch (error) {
      if (WANTED !== undefined) throw error;
      const why = error instanceof Error ? error.message : String(error);
      console.warn(
        `\n${image} cannot be had (${why}): LocalStack's own code from PyPI, in an image that is built here, takes its place.\n`,
      );
    }
  }
  name = "LocalStack in a container (its own code, in an image that is built here)";
  return { ...(await builtImage(localstackImage)), isLocal: true };
}

/** Returns the container with access to the engine, and a network shared with the functions that LocalStack runs. */
function containerOf(
  { engine, image, isLocal }: PreparedLocalstack,
  network: StartedNetwork | undefined,
): LoopbackLocalstack {
  const { host, remoteSocketPath: socket } = engine.client.info.containerRuntime;
  const { LOCALSTACK_AUTH_TOKEN } = process.env;
  const container = new LoopbackLocalstack(image, host);
  if (network) container.withNetwork(network).withEnvironment({ LAMBDA_DOCKER_NETWORK: network.getName() });
  container
    .withEnvironment({
      // In seconds. The first start of a function pulls the image of its runtime.
      LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT: "180",
      // Delay in seconds before a failed event is retried: AWS waits a minute.
      LAMBDA_RETRY_BASE_DELAY: "1",
      LAMBDA_IGNORE_ARCHITECTURE: "1",
      ...(LOCALSTACK_AUTH_TOKEN !== undefined && { LOCALSTACK_AUTH_TOKEN }),
    })
    // The log says "Ready" a moment before the port is open.
    .withWaitStrategy(Wait.forAll([Wait.forLogMessage("Ready", 1), Wait.forHttp("/_localstack/health", 4566)]));
  if (isLocal) return container;
  container
    .withBindMounts([{ source: socket, target: "/var/run/docker.sock" }])
    .withCopyFilesToContainer([{ source: RULE_STATE, target: `${START_SCRIPTS}/rule-state.py` }]);
  return container;
}
