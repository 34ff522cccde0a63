export * from "./auth.ts";
export * from "./host.ts";
export * from "./kv.ts";
export * from "./logs.ts";
export * from "./plugin.ts";
export * from "./problem.ts";
export * from "./resources.ts";
