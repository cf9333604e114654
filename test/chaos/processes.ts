import { readdirSync, readFileSync, readlinkSync } from "node:fs";

interface RunningProcess {
  pid: number;
  parent: number;
  words: string;
}

/** Returns the running processes of this machine. Requires Linux. */
function runningProcesses(): RunningProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const status = textOf(name, "status");
      const parent = /^PPid:\t(\d+)/m.exec(status)?.[1];
      if (parent === undefined || /^State:\tZ/m.test(status)) return [];
      return [{ pid: Number(name), parent: Number(parent), words: textOf(name, "cmdline").replaceAll("\0", " ") }];
    });
}

/** Returns the id of a process's child process that runs this module. */
export function childRunning(parent: number, module: string): number | undefined {
  return runningProcesses().find((one) => one.parent === parent && one.words.includes(module))?.pid;
}

/** Returns the ids of a process's child processes. */
export function childrenOf(parent: number): number[] {
  return runningProcesses().flatMap((one) => (one.parent === parent ? one.pid : []));
}

/**
 * Returns the processes that belong to a run: their command, working directory or environment contains the run's folder.
 * The esbuild with which tsx compiles this process is left out.
 */
export function processesOf(folder: string): string[] {
  return runningProcesses()
    .filter(({ pid, parent, words }) => pid !== process.pid && !(parent === process.pid && words.includes("esbuild")))
    .filter(({ pid, words }) => [words, textOf(String(pid), "environ"), cwdOf(pid)].some((one) => one.includes(folder)))
    .map(({ pid, words }) => `${pid} ${words}`);
}

function textOf(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function cwdOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}
