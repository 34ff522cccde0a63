export { openPlugin } from "./open-plugin.ts";
export type { OpenPlugin } from "./open-plugin.ts";
export { startPlugin } from "./start-plugin.ts";
export type { StartedPlugin, StartOptions, TestWebSocketInit } from "./start-plugin.ts";
export { testRequest } from "./test-request.ts";
export type { TestRequestInit } from "./test-request.ts";
