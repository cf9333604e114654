/**
 * Keeps the AWS SDK from warning that its later versions will not support this version of Node. Call this before
 * creating the first SDK client. The SDK's version is pinned, so the warning is of no use to users of fantail.
 */
export function silenceSdkWarning(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
}
