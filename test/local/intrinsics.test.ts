import { expect, test } from "vitest";
import { type References, resolveIntrinsics } from "../../client/local/stack/intrinsics.ts";

const references: References = {
  ref: (id) => `name-of-${id}`,
  attribute: (id, name) => `${name}-of-${id}`,
};
const resolve = (value: unknown) => resolveIntrinsics(value, references);

test("Ref, GetAtt, Join and Sub are resolved at any depth", () => {
  expect(
    resolve({
      a: [{ Ref: "Table" }, 1, null, true],
      b: { "Fn::GetAtt": ["Fn", "Arn"] },
      c: { "Fn::Join": ["", [{ "Fn::GetAtt": ["Bucket", "Arn"] }, "/blobs/*"]] },
      d: { "Fn::Sub": "x-${AWS::Region}-${Fn.Arn}-${!kept}${}$}" },
    }),
  ).toEqual({
    a: ["name-of-Table", 1, null, true],
    b: "Arn-of-Fn",
    c: "Arn-of-Bucket/blobs/*",
    d: "x-name-of-AWS::Region-Arn-of-Fn-${kept}${}$}",
  });
});

test("an unsupported template function is rejected by name", () => {
  expect(() => resolve({ a: { "Fn::Select": [0, ["x"]] } })).toThrow("cannot resolve Fn::Select");
});

test("only lists of strings are joined", () => {
  expect(() => resolve({ "Fn::Join": ["", [{ a: 1 }]] })).toThrow("where a string is expected");
});
