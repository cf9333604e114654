import * as v from "valibot";

/** Hex SHA-256 of the content it names. */
export const Hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/**
 * A value on the wire and at rest: the codec's text when it is short (see `INLINE_BYTES`),
 * else a claim check on the blob that holds the codec's bytes.
 */
export const EncodedValue = v.union([v.string(), v.strictObject({ blob: Hash, bytes: v.number() })]);
export type EncodedValue = v.InferOutput<typeof EncodedValue>;

/** Longest value kept inside a page, in bytes: up to here a DynamoDB write is cheaper than an S3 put. */
export const INLINE_BYTES = 8 * 1024;

/** What an import statement names: a module of Node's own, or a package with or without a path in it. */
const ModuleName = v.pipe(v.string(), v.minLength(1), v.maxLength(500));

/**
 * Which function a task runs: data-free code by its hash, and the values it captured.
 * Two closures of one source share the code and differ in `data`.
 */
export const FunctionReference = v.strictObject({
  /** Hash of the code unit. */
  code: Hash,
  /** Where the unit is: a row of the task table, or a blob when it is too large for one. */
  at: v.picklist(["table", "blob"]),
  /** Captured values, encoded; absent when nothing was captured. */
  data: v.optional(EncodedValue),
  /** The function's name, for messages and stacks. */
  name: v.string(),
  /** Modules that must load on the engine before the function does, as `node:zlib` or `sharp`; absent when any engine will do. */
  modules: v.optional(v.pipe(v.array(ModuleName), v.minLength(1), v.maxLength(100))),
});
export type FunctionReference = v.InferOutput<typeof FunctionReference>;

/** A content-addressed piece of code as it travels: `hash` is the SHA-256 of the source text, `body` its Brotli, in base64. */
export const CodeUnit = v.strictObject({ hash: Hash, body: v.string() });
export type CodeUnit = v.InferOutput<typeof CodeUnit>;

/** Largest `body` of a unit that is kept in the task table, in characters; above it is a blob. */
export const UNIT_ROW_CHARS = 280_000;
