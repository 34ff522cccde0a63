export { isHostName } from "./client/allowed-hosts.ts";
export { isNetwork } from "./client/trusted-proxies.ts";
export { createHttpHandler } from "./create-http-handler.ts";
export { webSocketHandlers, type WebSocketTunnel } from "./forward/web-socket-tunnel.ts";
export type { Answer, HttpHandler, HttpOptions, LiveTimings, ServerPort } from "./http-options.ts";
export { hashPassword } from "./identity/password-hasher.ts";
export { createSetupGate, type SetupGate } from "./identity/setup-gate.ts";
export { FIRST_ADMIN } from "./identity/sign-in.ts";
