//! The JSON of a version 1 message. A host and its plugins may have been built years apart, so a kv request is written
//! in both forms that were ever read, and either is read. All reading goes through a JSON value: of a doubled key the
//! last one counts.

use chrono::{DateTime, Utc};
use serde::de::{DeserializeOwned, Error};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{KvMessagePayload, LifecycleInitPayload, Message, MessagePayload};
use crate::types::KvOp;

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    message_type: String,
    timestamp: DateTime<Utc>,
    #[serde(default)]
    request_id: Option<String>,
    payload: Value,
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Envelope { message_type, timestamp, request_id, payload } = from(Value::deserialize(deserializer)?)?;
        Ok(Self { message_type, timestamp, request_id, payload: from(payload)? })
    }
}

impl<'de> Deserialize<'de> for MessagePayload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::<String, Value>::deserialize(deserializer)?;
        let kind: String = take(&mut fields, "type")?;
        match kind.as_str() {
            "lifecycle" => Ok(Self::Lifecycle { action: take(&mut fields, "action")?, payload: init(fields)? }),
            "http" => {
                Ok(Self::Http { request_id: take(&mut fields, "request_id")?, payload: take(&mut fields, "payload")? })
            }
            "kv" => {
                let request_id = take(&mut fields, "request_id")?;
                let inner = if fields.contains_key("action") { None } else { fields.remove("payload") };
                Ok(Self::Kv { request_id, payload: from(inner.unwrap_or(Value::Object(fields)))? })
            }
            other => Err(Error::unknown_variant(other, &["lifecycle", "http", "kv"])),
        }
    }
}

/// The socket's path has two names, of which a host writes one or both.
fn init<E: Error>(mut fields: Map<String, Value>) -> Result<Option<LifecycleInitPayload>, E> {
    if !fields.contains_key("instance_id") {
        return Ok(None);
    }
    let name = if fields.contains_key("plugin_socket") { "plugin_socket" } else { "socket_path" };
    let instance_id = take(&mut fields, "instance_id")?;
    let plugin_socket = take(&mut fields, name)?;
    Ok(Some(LifecycleInitPayload { instance_id, plugin_socket, log_path: take(&mut fields, "log_path")? }))
}

fn take<T: DeserializeOwned, E: Error>(fields: &mut Map<String, Value>, name: &'static str) -> Result<T, E> {
    from(fields.remove(name).ok_or_else(|| E::missing_field(name))?)
}

fn from<T: DeserializeOwned, E: Error>(value: Value) -> Result<T, E> {
    serde_json::from_value(value).map_err(E::custom)
}

impl Serialize for MessagePayload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Lifecycle { action, payload } => {
                map.serialize_entry("type", "lifecycle")?;
                map.serialize_entry("action", action)?;
                if let Some(LifecycleInitPayload { instance_id, plugin_socket, log_path }) = payload {
                    map.serialize_entry("instance_id", instance_id)?;
                    map.serialize_entry("plugin_socket", plugin_socket)?;
                    map.serialize_entry("socket_path", plugin_socket)?;
                    map.serialize_entry("log_path", log_path)?;
                }
            }
            Self::Http { request_id, payload } => {
                map.serialize_entry("type", "http")?;
                map.serialize_entry("request_id", request_id)?;
                map.serialize_entry("payload", payload)?;
            }
            Self::Kv { request_id, payload } => {
                map.serialize_entry("type", "kv")?;
                map.serialize_entry("request_id", request_id)?;
                match payload {
                    KvMessagePayload::Request(op) => kv_request(&mut map, op)?,
                    KvMessagePayload::Response { value } => map.serialize_entry("value", value)?,
                }
            }
        }
        map.end()
    }
}

fn kv_request<M: SerializeMap>(map: &mut M, op: &KvOp) -> Result<(), M::Error> {
    let (titled, action, key, value) = match op {
        KvOp::Get { key } => ("Get", "get", key, None),
        KvOp::Set { key, value } => ("Set", "set", key, Some(value)),
        KvOp::Delete { key } => ("Delete", "delete", key, None),
    };
    map.serialize_entry("action", titled)?;
    map.serialize_entry("key", key)?;
    map.serialize_entry("value", &value)?;
    map.serialize_entry("payload", &Inner { action, key, value })
}

#[derive(Serialize)]
struct Inner<'a> {
    action: &'static str,
    key: &'a str,
    value: Option<&'a String>,
}
