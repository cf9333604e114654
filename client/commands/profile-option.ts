import { InvalidArgumentError, Option } from "commander";

/** The `--profile` option: names the cluster and its connection file. */
export function profileOption(): Option {
  return new Option("--profile <name>", "name of the cluster").default("default").argParser(profileName);
}

/** Parses a profile's name, for commander. */
export function profileName(name: string): string {
  if (/^[A-Za-z0-9][\w.-]{0,63}$/.test(name)) return name;
  throw new InvalidArgumentError(
    "must be 1 to 64 letters, digits, underscores, dots or hyphens, beginning with a letter or digit",
  );
}
