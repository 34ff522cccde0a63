export { claimFolders, type HostFolders } from "./folder/host-folders.ts";
export { DEFAULT_TIMINGS, type SupervisorOptions, type SupervisorTimings } from "./options.ts";
export { ResourceSampler } from "./resources/resource-sampler.ts";
export { Supervisor } from "./supervisor.ts";
export { SupervisorError, type SupervisorErrorCode } from "./supervisor-error.ts";
