import type { EventRule } from "./event-rule.ts";

/**
 * A rule that loads the EventBridge client only when it is switched, which is rare, so that cold starts need not load
 * it.
 */
export function lazyEventRule(name: string): Pick<EventRule, "enable" | "disable"> {
  let loaded: Promise<EventRule> | undefined;
  const rule = () => {
    loaded ??= import("./event-rule.ts").then(({ EventRule }) => new EventRule(name));
    return loaded;
  };
  return { enable: async () => (await rule()).enable(), disable: async () => (await rule()).disable() };
}
