/**
 * Keeps the SDK from warning about this version of Node, before its first client is made. The pinned SDK supports it;
 * a warning about later SDK versions is of no use to fantail's users.
 */
export function silenceSdkWarning(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
}
