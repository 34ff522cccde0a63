export * from "./body.ts";
export * from "./data-frame.ts";
export * from "./frame.ts";
export * from "./kv-limits.ts";
export * from "./messages.ts";
export * from "./protocol-error.ts";
export * from "./retained-bytes.ts";
export {
  isObject,
  MAX_NESTING_LEVELS,
  nestsDeeperThan,
  toEnvelope,
  toLogLevel,
  toLogMessage,
  toRemoteError,
} from "./shape.ts";
export * as v1 from "./v1.ts";
export * as v2 from "./v2.ts";
