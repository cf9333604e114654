import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type ClusterSettings, isLocalPackage } from "../../lambdas/protocol/cluster-settings.ts";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import { cacheFolder, preferredCache } from "./cache-folder.ts";
import { keepNewest } from "./keep-newest.ts";
import { runModule } from "./own-process.ts";

/** The package: a checkout's root, or `dist`. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Templates kept; each comes with its bundles, some megabytes. */
const KEPT = 12;
const TEMPLATE = "Fantail.template.json";

/**
 * Has the construct describe the cluster, in a process of its own, and gives the template's file; the assets
 * lie beside it.
 *
 * The result is kept, named after everything it is made of, since the CDK takes seconds. A scheme or functions
 * of the user's own may import anything, and a local package may change, so with one the result is made anew each time.
 *
 * @param folder where a result goes that is not kept
 */
export async function synthesize(settings: ClusterSettings, folder: string): Promise<string> {
  const props = JSON.stringify(settings);
  const isLocal = settings.engines.some(({ modules = [] }) => modules.some(isLocalPackage));
  if (isLocal || settings.functions !== undefined || typeof settings.scheme !== "string")
    return runApp(props, join(folder, "cdk.out"), FOR_THIS_CLOUD);
  const name = hashOf(props);
  const earlier = join(preferredCache(), name, TEMPLATE);
  if (existsSync(earlier)) return earlier;
  const cache = cacheFolder();
  const kept = join(cache, name);
  if (existsSync(join(kept, TEMPLATE))) return join(kept, TEMPLATE);
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  keepNewest(cache, KEPT - 1);
  const fresh = await mkdtemp(join(cache, "fresh-"));
  await runApp(props, fresh, FOR_THIS_CLOUD);
  try {
    renameSync(fresh, kept);
  } catch (error) {
    // Somebody else was first, with the same.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(join(kept, TEMPLATE))) throw error;
  }
  return join(kept, TEMPLATE);
}

/** What is to be deployed by the CDK. */
export interface StackToDeploy {
  stack: string;
  /** Of the construct, unchecked. */
  props: Record<string, unknown>;
  /** Whether assets are made; without, only the stack's name is of use. Default true. */
  bundles?: boolean;
}

/**
 * Has the construct describe a stack, for AWS, and gives the folder.
 *
 * @throws ClusterError for props that the construct refuses
 */
export async function synthesizeStack({ stack, props, bundles = true }: StackToDeploy, out: string): Promise<string> {
  const context = { stack, ...(bundles ? {} : { "aws:cdk:bundling-stacks": [] }) };
  await runApp(JSON.stringify(props), out, {
    CDK_CONTEXT_JSON: JSON.stringify(context),
    ...(bundles ? {} : { CDK_VALIDATION: "false" }),
  });
  return out;
}

/** Variables of a synthesis for the embedded cloud. */
const FOR_THIS_CLOUD = {
  // Here the functions run on this machine, whatever the pools' architecture says.
  FANTAIL_CDK_MACHINE: `${process.platform}-${process.arch}`,
  // The CDK's checks of a template take two fifths of a synthesis. They are for what is deployed, and tests make them.
  CDK_VALIDATION: "false",
};

async function runApp(props: string, out: string, more: Record<string, string>): Promise<string> {
  const { PATH, HOME = homedir(), TMPDIR } = process.env;
  try {
    await runModule("../../cdk/app", {
      env: {
        PATH,
        HOME,
        ...(TMPDIR !== undefined && { TMPDIR }),
        ...npmEnvironment(),
        FANTAIL_CDK_PROPS: props,
        CDK_OUTDIR: out,
        ...more,
        CDK_DISABLE_STACK_TRACE: "1",
        JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION: "1",
      },
    });
  } catch (error) {
    throw new ClusterError(`the stack could not be synthesized${complaintOf(error)}`, { cause: error });
  }
  return join(out, TEMPLATE);
}

/** What the app's process threw, without its stack. */
function complaintOf(error: unknown): string {
  // The CDK puts words of its own around what bundling throws.
  const found = /\b(?:InvalidFlag|\w*Error): ([\s\S]*?)(?=\n {4}(?:at |\.\.\.)|$)/.exec((error as Error).message);
  return found?.[1] === undefined ? "" : `: ${found[1].slice(0, 1_500)}`;
}

/** What npm must know to reach its registry. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const names =
    /^(?:npm_config_.*|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|FANTAIL_CACHE)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)));
}

/** Everything that the template and its bundles are made of: the props, our sources, the versions of what is bundled. */
function hashOf(props: string): string {
  const hash = createHash("sha256").update(props);
  for (const file of sourceFiles()) hash.update(`\0${relative(ROOT, file)}\0`).update(readFileSync(file));
  return hash.digest("hex").slice(0, 32);
}

function sourceFiles(): string[] {
  // The client is inside of engines too: as the view of a task.
  const sources = ["cdk", "lambdas", "client"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|js)$/.test(name) && !/\.d\.ts$|^(?:local|commands)[/\\]/.test(name))
      .map((name) => join(ROOT, folder, name)),
  );
  const manifest = [ROOT, dirname(ROOT)].map((folder) => join(folder, "package.json")).find(existsSync);
  return [...sources.sort(), ...(manifest === undefined ? [] : [manifest])];
}
