import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContainerRuntimeClient, ImageName } from "testcontainers";
import { confined } from "./confinement.ts";
import { unpackPackages } from "./debian-packages.ts";
import { OwnedFolder } from "./owned-folder.ts";
import { runProgram } from "./run-program.ts";

/** The first Debian release whose own Node can run the engines: Node 20. */
export const DEBIAN = { suite: "trixie", python: "3.13" };

const EXCLUDED = ["./var/cache/apt", "./var/lib/apt/lists", "./usr/share/doc", "./usr/share/man"];

const IMAGE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Recipe of an image made from Debian packages. */
export interface ImageRecipe {
  repository: string;
  /** Changes with every input of the image. */
  tag: string;
  packages: readonly string[];
  /** Adds files that are not from Debian packages. */
  fill(root: string, scratch: OwnedFolder): Promise<void>;
  /** Commands that must succeed in the image; otherwise it is not used. */
  checks: readonly (readonly string[])[];
  /** Lines of a Dockerfile, none of which may run a command. */
  changes: readonly string[];
}

/**
 * Builds an image once, without pulling any, and removes images of earlier recipes.
 *
 * @param folder where the tools of the build are kept
 * @returns the image's name
 */
export async function debianImage(
  client: ContainerRuntimeClient,
  folder: string,
  recipe: ImageRecipe,
): Promise<string> {
  const name = `${recipe.repository}:${recipe.tag}`;
  if (await client.image.exists(ImageName.fromString(name))) return name;
  if (process.getuid?.() !== 0) throw new Error(`to build the image ${name}, be root`);
  const begun = performance.now();
  using build = new OwnedFolder(join(tmpdir(), "fantail-image-"));
  const root = build.in("root");
  mkdirSync(root);
  await runProgram("tar", ["-C", root, "-xf", await baseArchive(folder, recipe.packages, build)], { isConfined: true });
  await recipe.fill(root, build);
  for (const check of recipe.checks)
    await runProgram("chroot", [root, ...check], { env: { PATH: IMAGE_PATH }, isConfined: true });
  await importImage(client, root, recipe);
  await removeOthers(client, recipe);
  console.log(`the image ${name} was built in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  return name;
}

/** Returns the Debian files with some packages, built once and kept, since images share them. */
async function baseArchive(folder: string, packages: readonly string[], build: OwnedFolder): Promise<string> {
  const archive = join(folder, `${["debian", DEBIAN.suite, ...packages].join("-")}.tar`);
  if (existsSync(archive)) return archive;
  const env = await unpackPackages(["debootstrap"], folder);
  const [base, include] = [build.in("base"), `--include=${packages.join(",")}`];
  await runProgram("debootstrap", ["--variant=minbase", include, DEBIAN.suite, base], { env, isConfined: true });
  const excluded = EXCLUDED.map((path) => `--exclude=${path}/*`);
  await runProgram("tar", ["-C", base, ...excluded, "-cf", build.in("base.tar"), "."], { isConfined: true });
  // The name marks a complete archive.
  cpSync(build.in("base.tar"), `${archive}-${process.pid}`);
  renameSync(`${archive}-${process.pid}`, archive);
  return archive;
}

async function importImage({ container }: ContainerRuntimeClient, root: string, recipe: ImageRecipe): Promise<void> {
  const { repository: repo, tag } = recipe;
  const [program, args] = confined("tar", ["-C", root, "-c", "."]);
  const tar = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const changes = [`ENV PATH=${IMAGE_PATH}`, ...recipe.changes];
  try {
    for await (const _ of await container.dockerode.importImage(tar.stdout, { repo, tag, changes }));
    await container.dockerode.getImage(`${repo}:${tag}`).inspect();
  } finally {
    tar.stdin.end();
  }
}

async function removeOthers({ container }: ContainerRuntimeClient, { repository, tag }: ImageRecipe): Promise<void> {
  const filters = { reference: [repository] };
  const names = (await container.dockerode.listImages({ filters })).flatMap(({ RepoTags }) => RepoTags ?? []);
  const others = names.filter((name) => name.startsWith(`${repository}:`) && name !== `${repository}:${tag}`);
  // An image may still be in use.
  await Promise.allSettled(others.map((name) => container.dockerode.getImage(name).remove()));
}
