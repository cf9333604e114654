import { join } from "node:path";
import { installMinistack, MINISTACK, ministackPython } from "../ministack-install.ts";
import { DEBIAN, type ImageRecipe } from "./debian-image.ts";
import { forImage } from "./image-python.ts";
import { runProgram } from "./run-program.ts";

/** Folder of MiniStack in the image. */
const HOME = "/opt/ministack";

/** An image that serves AWS's API on port 4566: Debian with Python, Node and MiniStack. */
export const ministackImage: ImageRecipe = {
  repository: "fantail/ministack",
  tag: `${MINISTACK.replace(/.*==/, "")}-${DEBIAN.suite}`,
  packages: ["python3", "nodejs"],
  fill: async (root) => {
    const missing = await installMinistack();
    if (missing !== undefined) throw new Error(missing);
    await runProgram(ministackPython(), ["-m", "pip", "install", ...forImage(join(root, HOME)), MINISTACK]);
  },
  checks: [
    ["node", "--version"],
    ["env", `PYTHONPATH=${HOME}`, "python3", "-c", "import ministack.app"],
  ],
  changes: [`ENV PYTHONPATH=${HOME}`, "EXPOSE 4566", 'ENTRYPOINT ["python3", "-m", "ministack"]'],
};
