export { openStorage } from "./open-storage.ts";
export type { Storage } from "./storage.ts";
export { STORAGE_ERROR_CODES, StorageError, type StorageErrorCode } from "./storage-error.ts";
