import { DEBIAN } from "./debian-image.ts";

/** Platform tags of wheels that are not pure Python, by Node's name of the processor. */
const WHEELS: Partial<Record<NodeJS.Architecture, string>> = { x64: "x86_64", arm64: "aarch64" };

/**
 * Returns options with which this machine's pip, another Python's, installs wheels for the image's Python into a
 * folder.
 */
export function forImage(target: string): string[] {
  const wheels = WHEELS[process.arch];
  if (wheels === undefined) throw new Error(`no wheels are known for ${process.arch}`);
  const platforms = [`manylinux2014_${wheels}`, `manylinux_2_28_${wheels}`].flatMap((name) => ["--platform", name]);
  return [
    ...["--quiet", "--no-compile", "--target", target, "--only-binary=:all:"],
    ...["--python-version", DEBIAN.python, "--ignore-requires-python", ...platforms],
  ];
}
