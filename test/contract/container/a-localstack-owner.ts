import { preparedLocalstack, startLocalstack } from "./localstack-container.ts";

/** A process that owns LocalStack in a container, to be ended by a test: it stops it once stdin closes. Says on stdout which engine it has. */
const { endpoint, stop } = await startLocalstack();
const { host } = (await preparedLocalstack()).engine.client.info.containerRuntime;
console.log(JSON.stringify({ endpoint, host, engine: process.env.DOCKER_HOST }));
process.stdin.resume().on("end", () => void stop().then(() => process.exit(0)));
