import { describe, expect, test } from "vitest";
import { refusal } from "../../client/cluster/refusal.ts";
import { InvalidFlag, NotFinished, Refused, UnknownFunction } from "../../lambdas/protocol/errors.ts";

describe("the error for a message that the scheduler refused", () => {
  test("the error for an invalid flag has the flag's name and message", () => {
    const thrown = new InvalidFlag("retries", "must be 0 or more");
    const error = refusal({ type: "error", code: "InvalidFlag", message: thrown.message, flag: "retries" });
    expect(error).toEqual(thrown);
    expect(error).toMatchObject({ flag: "retries", message: "flag retries: must be 0 or more" });
  });

  test("the error for an unknown function has the similar names", () => {
    const error = refusal({ type: "error", code: "UnknownFunction", message: "no function", near: ["resize"] });
    expect(error).toBeInstanceOf(UnknownFunction);
    expect(error).toMatchObject({ message: "no function", near: ["resize"] });
  });

  test("the error for an unfinished task names the task", () => {
    const { message } = new NotFinished("j.1");
    expect(refusal({ type: "error", code: "NotFinished", message, taskId: "j.1" })).toMatchObject({
      taskId: "j.1",
      message,
    });
  });

  test("an error code of a later version becomes Refused, with the message", () => {
    expect(refusal({ type: "error", code: "Newer", message: "no" })).toEqual(new Refused("no"));
  });
});
