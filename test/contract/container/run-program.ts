import { spawn } from "node:child_process";
import { confined } from "./confinement.ts";

/** Characters of a program's output kept for the message when it fails. */
const COMPLAINT_CHARS = 1_000;

interface ProgramOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /**
   * Whether the program, its children and its mounts end with this process, for whatever reason. Requires root. Default
   * false.
   */
  isConfined?: boolean;
}

/**
 * Runs a program to completion and returns its stdout.
 *
 * @throws Error with the program, its exit code and the end of its output
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { isConfined = false, ...options }: ProgramOptions = {},
): Promise<string> {
  const [command, words] = isConfined ? confined(program, args) : [program, args];
  const child = spawn(command, words, { ...options, stdio: [isConfined ? "pipe" : "ignore", "pipe", "pipe"] });
  let stdout = "";
  let complaint = "";
  const note = (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_CHARS);
  };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    note(text);
  });
  child.stderr?.setEncoding("utf8").on("data", note);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`${program} ${args[0] ?? ""} ended with ${code}: ${complaint.trim()}`);
  return stdout;
}
