import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

const HERE = fileURLToPath(new URL(".", import.meta.url));
/** Folders with slow files, slowest first: they start clusters, or synthesize and install. */
const SLOW = ["contract", "package", "e2e", "documents", "simulation", "local", "cdk", "privilege", "examples"];

/**
 * Runs slow files first, so that no worker is left with one at the end. Without a previous run, vitest would order
 * files by size.
 */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const [folder = ""] = relative(HERE, moduleId).split(/[\\/]/);
  const at = SLOW.indexOf(folder);
  return at < 0 ? SLOW.length : at;
}
