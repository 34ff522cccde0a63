//! What the exam's plugins have in common: the store and the log.

use serde::Deserialize;
use serde_json::{json, Value};
use toru_plugin_api::{Kv, KvError, KvErrorCode};

#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "lowercase")]
pub enum KvRequest {
    Get {
        key: String,
    },
    Set {
        key: String,
        value: String,
    },
    Delete {
        key: String,
    },
    List {
        #[serde(default)]
        prefix: String,
        after: Option<String>,
        limit: Option<usize>,
    },
}

#[derive(Deserialize)]
pub struct LogRequest {
    level: String,
    message: String,
    #[serde(default)]
    fields: Value,
}

pub async fn ask(kv: &Kv, request: KvRequest) -> Value {
    answer(kv, request).await.unwrap_or_else(|error| {
        let code = match error.code() {
            KvErrorCode::InvalidKey => "invalid_key",
            KvErrorCode::ValueTooLarge => "value_too_large",
            KvErrorCode::InvalidRequest => "invalid_request",
            KvErrorCode::Timeout => "timeout",
            KvErrorCode::Other(code) => code,
            _ => "disconnected",
        };
        json!({ "error": { "code": code, "message": error.to_string() } })
    })
}

async fn answer(kv: &Kv, request: KvRequest) -> Result<Value, KvError> {
    Ok(match request {
        KvRequest::Get { key } => json!({ "value": kv.get(&key).await? }),
        KvRequest::Set { key, value } => {
            kv.set(&key, &value).await?;
            json!({ "value": null })
        }
        KvRequest::Delete { key } => {
            kv.delete(&key).await?;
            json!({ "value": null })
        }
        KvRequest::List { prefix, after, limit } => {
            let page = kv.list(&prefix, after.as_deref(), limit.unwrap_or(100)).await?;
            json!({ "keys": page.keys, "more": page.more })
        }
    })
}

/// By `tracing`, whose fields have names that are known when it is compiled: the exam's are `number` and `text`.
pub fn log(request: &LogRequest) -> Value {
    let LogRequest { level, message, fields } = request;
    let number = fields["number"].as_i64();
    let text = fields["text"].as_str();
    match level.as_str() {
        "error" => tracing::error!(number, text, "{message}"),
        "warn" => tracing::warn!(number, text, "{message}"),
        "info" => tracing::info!(number, text, "{message}"),
        _ => tracing::debug!(number, text, "{message}"),
    }
    json!({})
}
