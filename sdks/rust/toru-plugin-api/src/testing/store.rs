use std::collections::BTreeMap;

use serde_json::{json, Value};

/// Does what the host's store does.
pub(super) fn answer(store: &mut BTreeMap<String, String>, request: &Value) -> Value {
    let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
    match request["action"].as_str() {
        Some("get") => json!({ "value": store.get(&text("key")) }),
        Some("set") => {
            store.insert(text("key"), text("value"));
            json!({ "value": null })
        }
        Some("delete") => {
            store.remove(&text("key"));
            json!({ "value": null })
        }
        Some("list") => {
            let (prefix, after) = (text("prefix"), request["after"].as_str());
            let limit = request["limit"].as_u64().unwrap_or(100) as usize;
            let behind = |key: &&String| key.starts_with(&prefix) && after.is_none_or(|after| key.as_str() > after);
            let mut keys: Vec<_> = store.keys().filter(behind).take(limit + 1).collect();
            let more = keys.len() > limit;
            keys.truncate(limit);
            json!({ "keys": keys, "more": more })
        }
        action => json!({ "error": { "code": "invalid_request", "message": format!("no action {action:?}") } }),
    }
}
