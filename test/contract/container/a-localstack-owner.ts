import { preparedLocalstack, startLocalstack } from "./localstack-container.ts";

/**
 * A process that owns LocalStack in a container. It prints its engine's address, and stops LocalStack when stdin closes
 * or a test kills it.
 */
const { endpoint, stop } = await startLocalstack();
const { host } = (await preparedLocalstack()).engine.client.info.containerRuntime;
console.log(JSON.stringify({ endpoint, host, engine: process.env.DOCKER_HOST }));
process.stdin.resume().on("end", () => void stop().then(() => process.exit(0)));
