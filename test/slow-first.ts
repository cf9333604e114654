import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

const HERE = fileURLToPath(new URL(".", import.meta.url));
/** Folders with slow files, slowest first: they start clusters, or synthesize and install. */
const SLOW = [
  "contract",
  "documents",
  "scheduler",
  "package",
  "e2e",
  "dependencies",
  "simulation",
  "local",
  "cdk",
  "privilege",
  "examples",
];
/** The projects of the configuration, by the time that their longest file takes. */
const PROJECTS = ["apart", "on-a-cloud", "in-process", "unit"];

/**
 * Runs the files of one project after those of another, since a worker is reused only while the next file is of its
 * project. Within a project slow files come first, so that no worker is left with one at the end. Without a previous
 * run, vitest would order files by size.
 */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => projectRank(a) - projectRank(b) || folderRank(a) - folderRank(b));
  }
}

function projectRank({ project }: TestSpecification): number {
  return PROJECTS.indexOf(project.name);
}

function folderRank({ moduleId }: TestSpecification): number {
  const [folder = ""] = relative(HERE, moduleId).split(/[\\/]/);
  const at = SLOW.indexOf(folder);
  return at < 0 ? SLOW.length : at;
}
