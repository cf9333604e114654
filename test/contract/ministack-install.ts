import { installPythonTool, pythonOf } from "../python-tool.ts";

/** An emulator of AWS that somebody else wrote: https://github.com/ministackorg/ministack, MIT. It needs Python 3.10. */
export const MINISTACK = "ministack==1.5.33";

/** Python of the virtual environment with MiniStack. */
export function ministackPython(): string {
  return pythonOf(MINISTACK);
}

/**
 * Installs MiniStack into a virtual environment of this checkout, once.
 *
 * @returns why it could not be had; undefined when it is there
 */
export function installMinistack(): Promise<string | undefined> {
  return installPythonTool(MINISTACK);
}
