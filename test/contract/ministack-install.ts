import { installPythonTool, pythonOf } from "../python-tool.ts";

/** An independent emulator of AWS: https://github.com/ministackorg/ministack, MIT. Requires Python 3.10. */
export const MINISTACK = "ministack==1.5.33";

/** Python of the virtual environment with MiniStack. */
export function ministackPython(): string {
  return pythonOf(MINISTACK);
}

/**
 * Installs MiniStack into a virtual environment of this checkout, once.
 *
 * @returns why that is impossible; undefined once it is installed
 */
export function installMinistack(): Promise<string | undefined> {
  return installPythonTool(MINISTACK);
}
