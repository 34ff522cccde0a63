export type { ResumableLogReader } from "./log-file-reader.ts";
export { FileLogStore } from "./log-store.ts";
export { openLogStore, type LogStoreOptions } from "./open-log-store.ts";
export { watchDirectory, type WatchedEntry, type WatchOptions } from "./watch-directory.ts";
