import * as v from "valibot";
import { isModuleName } from "./module-name.ts";

/** Hex SHA-256 of some content. */
export const Hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const Whole = v.pipe(v.number(), v.integer(), v.minValue(0));

/** 128 bits of a hash, in base64url. */
const ShortHash = v.pipe(v.string(), v.regex(/^[\w-]{22}$/));

/**
 * A value in a pack: `bytes` bytes from offset `at`. `sum` is the value's own hash, because the pack's hash cannot
 * verify a part of the pack.
 */
export const PackedValue = v.strictObject({ pack: ShortHash, at: Whole, bytes: Whole, sum: ShortHash });
export type PackedValue = v.InferOutput<typeof PackedValue>;

/**
 * An encoded value, on the wire and in storage: the codec's text if it is short (see `INLINE_BYTES`), otherwise a
 * reference to the codec's bytes, which are a blob or lie in a pack.
 */
export const EncodedValue = v.union([v.string(), v.strictObject({ blob: Hash, bytes: v.number() }), PackedValue]);
export type EncodedValue = v.InferOutput<typeof EncodedValue>;

/**
 * Maximum length of a value stored inside a page, in bytes. Up to this size a DynamoDB write is cheaper than an S3 put.
 */
export const INLINE_BYTES = 8 * 1024;

const Modules = v.pipe(
  v.array(v.pipe(v.string(), v.check(isModuleName, "must be the name of a module, as in an import"))),
  v.minLength(1),
  v.maxLength(100),
);

/** The name under which a module exports a function. */
const FunctionName = v.pipe(
  v.string(),
  v.maxLength(200),
  v.regex(/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u, "must be an identifier"),
);

/** The code unit with the classes that a client has registered. */
export const ClassesReference = v.strictObject({
  code: Hash,
  at: v.picklist(["table", "blob"]),
  data: v.optional(EncodedValue),
});
export type ClassesReference = v.InferOutput<typeof ClassesReference>;

/**
 * Code sent by a client: the hash of its source without data, and the captured values. Two closures of one source share
 * the code and differ in `data`.
 */
export const CodeReference = v.strictObject({
  /** Hash of the code unit. */
  code: Hash,
  /** Where the unit is stored: in a row of the task table, or in a blob if it is too large for a row. */
  at: v.picklist(["table", "blob"]),
  /** Captured values, encoded; absent when nothing was captured. */
  data: v.optional(EncodedValue),
  /** The function's name, for messages and stacks. */
  name: v.string(),
  /**
   * Modules that the engine must load before the function, such as `node:zlib` or `sharp`; absent if there are none.
   */
  modules: v.optional(Modules),
  /** Names of the deployed functions that the code uses. */
  uses: v.optional(v.pipe(v.array(FunctionName), v.minLength(1), v.maxLength(1000))),
  /** Classes whose instances the function may receive or return. */
  classes: v.optional(ClassesReference),
});
export type CodeReference = v.InferOutput<typeof CodeReference>;

/** A function that was bundled at deployment, by name. */
export const DeployedReference = v.strictObject({
  deployed: FunctionName,
  modules: v.optional(Modules),
  /** Predicates to run on the engine before a task: deployed functions, each with its arguments as one encoded list. */
  checks: v.optional(
    v.pipe(v.array(v.strictObject({ deployed: FunctionName, args: EncodedValue })), v.minLength(1), v.maxLength(100)),
  ),
});
export type DeployedReference = v.InferOutput<typeof DeployedReference>;

/** Which function a task runs. */
export const FunctionReference = v.union([CodeReference, DeployedReference]);
export type FunctionReference = v.InferOutput<typeof FunctionReference>;

/** Whether the function was bundled at deployment. */
export function isDeployed<Reference extends FunctionReference>(
  reference: Reference,
): reference is Extract<Reference, { deployed: string }> {
  return "deployed" in reference;
}

/** The code units that a function needs, by hash, and where each is stored. */
export function unitsOf(reference: FunctionReference): { code: string; at: "table" | "blob" }[] {
  if (isDeployed(reference)) return [];
  return reference.classes ? [reference, reference.classes] : [reference];
}

/** A code unit on the wire: `hash` is the SHA-256 of the source text, `body` its Brotli in base64. */
export const CodeUnit = v.strictObject({ hash: Hash, body: v.string() });
export type CodeUnit = v.InferOutput<typeof CodeUnit>;

/** Maximum length of a `body` stored in the task table, in characters; a longer one becomes a blob. */
export const UNIT_ROW_CHARS = 280_000;
