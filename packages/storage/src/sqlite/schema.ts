import type { PluginEventType, Role, TokenScope } from "@toru/core";
import type { Generated } from "kysely";

/** The tables as queries see them; the newest migration makes them. Times are milliseconds since the epoch. */
export interface Schema {
  plugin_kv: { plugin_id: string; key: string; value: string };
  plugin_events: {
    id: Generated<number>;
    plugin_id: string;
    event_type: PluginEventType;
    /** RFC 3339, UTC. */
    timestamp: string;
    /** A JSON object. */
    details: string;
  };
  accounts: {
    id: Generated<number>;
    username: string;
    /** What is unique: the name in one case and Unicode form. */
    username_key: string;
    role: Role;
    password_hash: string;
    created_at: number;
  };
  sessions: { token_hash: string; account_id: number; created_at: number; expires_at: number };
  api_tokens: {
    id: Generated<number>;
    name: string;
    token_hash: string;
    account_id: number;
    scope: TokenScope;
    created_at: number;
    expires_at: number | null;
    last_used_at: Generated<number | null>;
  };
}
