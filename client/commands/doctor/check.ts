import { withAwsRemedy } from "../../cluster/aws-remedy.ts";

/** The outcome of one check of `fantail doctor`. */
export interface Check {
  check: string;
  result: "ok" | "wrong" | "skipped";
  /** The facts, or why the check was skipped. */
  detail: string;
  /** What to do if something is wrong. */
  remedy?: string;
}

export function ok(check: string, detail: string): Check {
  return { check, result: "ok", detail };
}

export function wrong(check: string, detail: string, remedy: string): Check {
  return { check, result: "wrong", detail, remedy };
}

export function skipped(check: string, detail: string): Check {
  return { check, result: "skipped", detail };
}

/** Runs a check. If it throws, the check's result is `wrong`, with the error's text and the given remedy. */
export async function checked(check: string, make: () => Promise<Check>, remedy: string): Promise<Check> {
  try {
    return await make();
  } catch (error) {
    return wrong(check, withAwsRemedy(error instanceof Error ? error.message || error.name : String(error)), remedy);
  }
}
