import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

const HERE = fileURLToPath(new URL(".", import.meta.url));
/** Folders whose files take long, the longest first: they start clusters, or synthesize and install. */
const SLOW = ["contract", "package", "e2e", "documents", "simulation", "local", "cdk", "privilege", "examples"];

/** Begins with what takes long, so that no worker is left with it in the end. Where vitest remembers no run it would go by the size of files. */
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
