import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../client/commands/run-program.ts";
import { bundleProcess } from "../../client/local/processes/bundle-process.ts";

/** The program, bundled into one plain file: loading tsx would take longer than most commands. */
export const CLI = bundleProcess("client/commands/cli") ?? "";

/** The exit code and output of a command. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** The built program, which synthesizes without tsx. */
export const BUILT_CLI = fileURLToPath(new URL("../../dist/client/commands/cli.js", import.meta.url));

/** Runs a command in a process of its own, as users do. */
export function spawnFantail(words: readonly string[], { cli = CLI, env = process.env } = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...words], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
}

/** Runs a command in this process, which saves the start of Node. The command sees this process's environment. */
export async function runFantail(words: readonly string[]): Promise<Ended> {
  const written = { stdout: "", stderr: "" };
  const into = (name: "stdout" | "stderr") => ({
    write(text: string) {
      written[name] += text;
    },
  });
  const code = await runProgram(words, { stdout: into("stdout"), stderr: into("stderr") });
  return { code, ...written };
}
