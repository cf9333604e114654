// Writes dist/sbom.cdx.json, the software bill of materials of a release in CycloneDX: every locked package with its
// version, license and hash. Packages for development are included, because the bundles contain code of some of them.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const args = ["sbom", "--package-lock-only", "--sbom-format", "cyclonedx", "--sbom-type", "library"];
const sbom = execFileSync("npm", args, { cwd: root, maxBuffer: 64e6, shell: process.platform === "win32" });
mkdirSync(join(root, "dist"), { recursive: true });
writeFileSync(join(root, "dist/sbom.cdx.json"), sbom);
