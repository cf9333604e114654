import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContainerRuntimeClient, ImageName } from "testcontainers";
import { installMinistack, MINISTACK, ministackPython } from "../ministack-install.ts";
import { unpackPackages } from "./debian-packages.ts";
import { runProgram } from "./run-program.ts";

/** The first Debian whose own Node is one on which the engines run: 20. */
const DEBIAN = { suite: "trixie", python: "3.13" };
/** Where the image keeps MiniStack. */
const HOME = "/opt/ministack";
const REPOSITORY = "fantail/ministack";
const TAG = `${MINISTACK.replace(/.*==/, "")}-${DEBIAN.suite}`;
/** Wheels of packages that are not pure Python, by Node's name of the processor. */
const WHEELS: Partial<Record<NodeJS.Architecture, string>> = { x64: "x86_64", arm64: "aarch64" };

/**
 * Gives the image that speaks for AWS on port 4566: Debian with Python, Node and MiniStack. Where the engine does not
 * have it, it is built here from packages, and no image is pulled.
 *
 * @param folder where the tools of the build are kept
 * @returns the image's name
 */
export async function localImage({ image, container }: ContainerRuntimeClient, folder: string): Promise<string> {
  const name = `${REPOSITORY}:${TAG}`;
  if (await image.exists(ImageName.fromString(name))) return name;
  if (process.getuid?.() !== 0) throw new Error(`to build the image ${name}, be root`);
  const build = mkdtempSync(join(tmpdir(), "fantail-image-"));
  const root = join(build, "root");
  try {
    const env = await unpackPackages(["debootstrap"], folder);
    await runProgram("debootstrap", ["--variant=minbase", "--include=python3,nodejs", DEBIAN.suite, root], { env });
    await addMinistack(join(root, HOME));
    // What the image cannot run, it must not become.
    await runProgram("chroot", [root, "node", "--version"]);
    await runProgram("chroot", [root, "env", `PYTHONPATH=${HOME}`, "python3", "-c", "import ministack.app"]);
    const excluded = ["./var/cache/apt", "./var/lib/apt/lists", "./usr/share/doc", "./usr/share/man"];
    const tar = spawn("tar", ["-C", root, ...excluded.map((path) => `--exclude=${path}/*`), "-c", "."], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const imported = await container.dockerode.importImage(tar.stdout, {
      repo: REPOSITORY,
      tag: TAG,
      changes: [
        "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        `ENV PYTHONPATH=${HOME}`,
        "EXPOSE 4566",
        'ENTRYPOINT ["python3", "-m", "ministack"]',
      ],
    });
    for await (const _ of imported);
    await container.dockerode.getImage(name).inspect();
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
  return name;
}

/** Adds MiniStack for the image's Python, by the pip of this checkout's, which is for another Python. */
async function addMinistack(target: string): Promise<void> {
  const wheels = WHEELS[process.arch];
  if (wheels === undefined) throw new Error(`no wheels are known for ${process.arch}`);
  const missing = await installMinistack();
  if (missing !== undefined) throw new Error(missing);
  const platforms = [`manylinux2014_${wheels}`, `manylinux_2_28_${wheels}`].flatMap((name) => ["--platform", name]);
  await runProgram(ministackPython(), [
    ...["-m", "pip", "install", "--quiet", "--no-compile", "--target", target, "--only-binary=:all:"],
    ...["--python-version", DEBIAN.python, ...platforms, MINISTACK],
  ]);
}
