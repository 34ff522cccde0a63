import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * TEXT compares by its UTF-8 bytes (BINARY). `plugin_kv` keeps its rowid: values of up to 1 MiB would bloat the pages of
 * a WITHOUT ROWID tree, while here the primary key is a small index of its own that answers `list` alone.
 * AUTOINCREMENT: an id is never given twice, so that a cursor or a remembered account cannot come to mean another row.
 * Each index ends in the rowid (the id), so a plugin's events come out newest first without sorting.
 */
const STATEMENTS = [
  sql`CREATE TABLE plugin_kv (
    plugin_id TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (plugin_id, key)
  ) STRICT`,

  sql`CREATE TABLE plugin_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    plugin_id TEXT NOT NULL,
    event_type TEXT NOT NULL CHECK (
      event_type IN ('started', 'stopped', 'crashed', 'restarted', 'enabled', 'disabled', 'unhealthy')
    ),
    timestamp TEXT NOT NULL,
    details TEXT NOT NULL CHECK (json_type(details) = 'object')
  ) STRICT`,
  sql`CREATE INDEX plugin_events_by_plugin ON plugin_events (plugin_id)`,
  sql`CREATE INDEX plugin_events_by_plugin_and_type ON plugin_events (plugin_id, event_type)`,
  sql`CREATE INDEX plugin_events_by_type ON plugin_events (event_type)`,

  sql`CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('admin', 'user')),
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT`,

  sql`CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY NOT NULL,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  sql`CREATE INDEX sessions_by_account ON sessions (account_id)`,
  sql`CREATE INDEX sessions_by_expiry ON sessions (expires_at)`,

  sql`CREATE TABLE api_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'manage')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER
  ) STRICT`,
  sql`CREATE INDEX api_tokens_by_account ON api_tokens (account_id)`,
];

export const m0001Initial: Migration = {
  async up(database) {
    for (const statement of STATEMENTS) await statement.execute(database);
  },
};
