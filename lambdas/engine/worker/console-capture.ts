import { currentRun } from "./task-run.ts";

type Write = typeof process.stdout.write;
type Done = (error?: Error | null) => void;

/**
 * Captures a running task's writes to `process.stdout` and `process.stderr`, including those of `console`. Output
 * outside a task, or after its end, goes to the engine's log.
 */
export function captureConsole(): void {
  capture("stdout");
  capture("stderr");
}

function capture(stream: "stdout" | "stderr"): void {
  const original: Write = process[stream].write.bind(process[stream]);
  const write: Write = (chunk: string | Uint8Array, encodingOrDone?: BufferEncoding | Done, maybeDone?: Done) => {
    const encoding = typeof encodingOrDone === "string" ? encodingOrDone : undefined;
    const done = typeof encodingOrDone === "function" ? encodingOrDone : maybeDone;
    const run = currentRun.getStore();
    if (run === undefined || run.ended) return original(chunk, encoding, done);
    run.write(stream, chunk, encoding);
    if (done) queueMicrotask(() => done());
    return true;
  };
  process[stream].write = write;
}
