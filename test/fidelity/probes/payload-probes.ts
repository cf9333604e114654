import { invoke, limit, refusal, send } from "../calls.ts";
import type { Probe } from "../fidelity-cloud.ts";

const MB = 1024 * 1024;
const QUOTAS = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
/** Returns JSON of exactly this many bytes. */
const ofBytes = (bytes: number) => "x".repeat(bytes - 2);

export const payloadProbes: Probe[] = [
  {
    row: "event that is waited for",
    aws: "6 MB, then RequestTooLargeException 413",
    source: QUOTAS,
    observe: (cloud) =>
      limit("6 MB", invoke(cloud, "plain", ofBytes(6 * MB)), invoke(cloud, "plain", ofBytes(6 * MB + 1))),
  },
  {
    row: "event that is not waited for",
    aws: "1 MB, then RequestTooLargeException 413",
    source: QUOTAS,
    observe: (cloud) => limit("1 MB", send(cloud, "plain", ofBytes(MB)), send(cloud, "plain", ofBytes(MB + 1))),
  },
  {
    row: "answer",
    aws: "6 MB, then Function.ResponseSizeTooLarge",
    source: QUOTAS,
    observe: async (cloud) => {
      const answered = async (bytes: number) => {
        const { answer, failed } = await invoke(cloud, "plain", { do: "large", characters: bytes - 2 });
        return failed ? String((answer as { errorType: unknown }).errorType) : "taken";
      };
      const [inside, outside] = [await answered(6 * MB), await answered(6 * MB + 1)];
      if (inside !== "taken") return `less than 6 MB: ${inside}`;
      return outside === "taken" ? "more than 6 MB taken" : `6 MB, then ${outside}`;
    },
  },
  {
    row: "caller with unknown credentials",
    aws: "UnrecognizedClientException 403",
    source: "https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html",
    observe: ({ stranger }) => refusal(invoke({ lambda: stranger }, "plain")),
  },
  {
    row: "call that a function's role does not allow",
    aws: "AccessDeniedException",
    source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
    observe: async (cloud) => String((await invoke(cloud, "denied", { do: "write" })).answer),
  },
];
