import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { installRuntimeClient, RUNTIME_CLIENT_LOCK } from "../../runtime-client/runtime-client.ts";
import { DEBIAN, type ImageRecipe } from "./debian-image.ts";
import { forImage } from "./image-python.ts";
import type { OwnedFolder } from "./owned-folder.ts";
import { runProgram } from "./run-program.ts";

const TEST = fileURLToPath(new URL("../..", import.meta.url));
const RECIPE = join(TEST, "contract/container/localstack");
/** Fixes, when LocalStack starts, its bug with rules that are enabled later. */
export const RULE_STATE = join(RECIPE, "rule-state.py");
/** Folder of the scripts that LocalStack runs when it starts. */
export const START_SCRIPTS = "/etc/localstack/init/start.d";
const MOTO_SERVER = join(TEST, "store/moto/moto_server.py");

/** Folder of LocalStack, and of the plugins beside it, in the image. */
const HOME = "/opt/localstack";
const PLUGINS = "fantail_localstack";
const RUNTIME_CLIENT = "/opt/aws-lambda-ric";

const ENVIRONMENT = {
  PYTHONPATH: HOME,
  GATEWAY_LISTEN: "0.0.0.0:4566",
  LAMBDA_RUNTIME_EXECUTOR: "process",
  PROVIDER_OVERRIDE_DYNAMODB: "moto",
  MOTO_ACCOUNT_ID: "000000000000",
  // LocalStack must not contact anything outside.
  DNS_ADDRESS: "0",
  SKIP_SSL_CERT_DOWNLOAD: "1",
  DISABLE_EVENTS: "1",
};

/** Modules that are imported once when the image is built, to check that they are complete and to compile them. */
const MODULES = [
  "localstack.runtime.main",
  "localstack.runtime.server.twisted",
  "localstack.aws.components",
  ...["cloudformation", "dynamodb", "events", "iam", "lambda_", "logs", "s3", "ssm", "sts"].map(
    (service) => `localstack.services.${service}.provider`,
  ),
  "moto.server",
  "moto.dynamodb.urls",
  `${PLUGINS}.process_executor`,
  `${PLUGINS}.moto_provider`,
];

/** LocalStack's own code from PyPI, with AWS's runtime client and moto in place of programs that it would download. */
export const localstackImage: ImageRecipe = {
  repository: "fantail/localstack",
  tag: `4.14.0-${recipeHash()}`,
  packages: ["python3", "nodejs"],
  fill: async (root, scratch) => {
    await addLocalstack(join(root, HOME), scratch);
    addPlugins(join(root, HOME));
    mkdirSync(join(root, START_SCRIPTS), { recursive: true });
    cpSync(RULE_STATE, join(root, START_SCRIPTS, "rule-state.py"));
    const client = await installRuntimeClient();
    if ("missing" in client) throw new Error(client.missing);
    cpSync(client.folder, join(root, RUNTIME_CLIENT), { recursive: true });
  },
  checks: [
    ["node", "--version"],
    ["env", `PYTHONPATH=${HOME}`, "MOTO_ACCOUNT_ID=000000000000", "python3", "-c", `import ${MODULES.join(", ")}`],
    ["env", "AWS_LAMBDA_RUNTIME_API=127.0.0.1:1", "node", "-e", `require("${RUNTIME_CLIENT}/rapid-client.node")`],
  ],
  changes: [
    ...Object.entries(ENVIRONMENT).map(([name, value]) => `ENV ${name}=${value}`),
    "EXPOSE 4566",
    'ENTRYPOINT ["python3", "-m", "localstack.runtime.main"]',
  ],
};

/** Changes with every file of the recipe and every step that combines them. */
function recipeHash(): string {
  const hash = createHash("sha256").update(JSON.stringify([DEBIAN, ENVIRONMENT, MODULES, process.arch]));
  const files = [...filesIn(RECIPE), MOTO_SERVER, RUNTIME_CLIENT_LOCK, fileURLToPath(import.meta.url)];
  for (const file of files) hash.update(relative(TEST, file)).update(readFileSync(file));
  return hash.digest("hex").slice(0, 12);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((file) => statSync(file).isFile() && !file.includes("__pycache__"))
    .sort();
}

/** Installs the pinned wheels, after building those of the three packages that PyPI has only as sources. */
async function addLocalstack(target: string, scratch: OwnedFolder): Promise<void> {
  const [python, wheels] = [scratch.in("venv/bin/python"), scratch.in("wheels")];
  const listed = (file: string) => ["--require-hashes", "-r", join(RECIPE, file)];
  const pip = (command: string, ...args: string[]) =>
    runProgram(python, ["-m", "pip", command, "--disable-pip-version-check", "--no-deps", ...args], {
      isConfined: true,
    });
  await runProgram("python3", ["-m", "venv", scratch.in("venv")], { isConfined: true });
  await pip("install", "--quiet", ...listed("build-tools.txt"));
  const plainly = ["--no-build-isolation", "--use-pep517"];
  await pip("wheel", "--quiet", ...plainly, "--wheel-dir", wheels, ...listed("sources.txt"));
  await pip("install", ...forImage(target), ...listed("requirements.txt"));
  await pip("install", ...forImage(target), "--no-index", ...readdirSync(wheels).map((name) => join(wheels, name)));
}

function addPlugins(target: string): void {
  const plugins = join(RECIPE, PLUGINS);
  const isMetadata = (file: string) => /(METADATA|entry_points\.txt)$/.test(file);
  cpSync(plugins, join(target, PLUGINS), { recursive: true, filter: (file) => !isMetadata(file) });
  cpSync(MOTO_SERVER, join(target, PLUGINS, "moto_server.py"));
  // As if installed: LocalStack looks for plugins there.
  const filter = (file: string) => file === plugins || isMetadata(file);
  cpSync(plugins, join(target, `${PLUGINS}-1.dist-info`), { recursive: true, filter });
}
