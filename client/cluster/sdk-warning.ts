/**
 * Keeps the SDK from warning about this version of Node. Call it before the first client is created. The pinned SDK
 * supports this version; users of fantail have no use for a warning about later SDKs.
 */
export function silenceSdkWarning(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
}
