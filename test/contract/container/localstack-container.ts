import { Network, type StartedNetwork, Wait } from "testcontainers";
import { localstackImage, RULE_STATE, START_SCRIPTS } from "./localstack-image.ts";
import { LoopbackLocalstack } from "./loopback-localstack.ts";
import { builtImage, type PreparedImage, pulledImage } from "./prepared-image.ts";

/** Later tags want an account. */
const LAST_FREE_TAG = "localstack/localstack:4.14.0";
/** An image that was pulled, or `local` for the one that is built here and pulled from nowhere; absent: the last free one, else `local`. */
const WANTED = process.env.FANTAIL_LOCALSTACK_IMAGE;

interface PreparedLocalstack extends PreparedImage {
  /** Whether it was built here: functions are then processes, and DynamoDB is moto. */
  isLocal: boolean;
}

let preparing: Promise<PreparedLocalstack> | undefined;
let name = "LocalStack";

/** The engine with the image, once. Rejects with why they cannot be had. */
export function preparedLocalstack(): Promise<PreparedLocalstack> {
  preparing ??= prepare();
  return preparing;
}

/** What is started, for messages; which image it is, is known once it is prepared. */
export function localstackName(): string {
  return name;
}

/** Why it cannot be had here; undefined: it can. Looking for it builds the local image where no other can be had. */
export async function localstackMissing(): Promise<string | undefined> {
  try {
    await preparedLocalstack();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Starts LocalStack, and waits until it answers. */
export async function startLocalstack(): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const prepared = await preparedLocalstack();
  // Functions of the local image are processes in its container. A network's bridge would outlive an engine whose owner is killed.
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

/** The container with what LocalStack needs to run functions: the engine, and a network that they share with it. */
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
      // Seconds. The first start of a function pulls the image of its runtime.
      LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT: "180",
      // Seconds before an event that failed is tried again: AWS takes a minute.
      LAMBDA_RETRY_BASE_DELAY: "1",
      LAMBDA_IGNORE_ARCHITECTURE: "1",
      ...(LOCALSTACK_AUTH_TOKEN !== undefined && { LOCALSTACK_AUTH_TOKEN }),
    })
    // The log says that it is ready a moment before the port is open.
    .withWaitStrategy(Wait.forAll([Wait.forLogMessage("Ready", 1), Wait.forHttp("/_localstack/health", 4566)]));
  if (isLocal) return container;
  container
    .withBindMounts([{ source: socket, target: "/var/run/docker.sock" }])
    .withCopyFilesToContainer([{ source: RULE_STATE, target: `${START_SCRIPTS}/rule-state.py` }]);
  return container;
}
