//! The messages of version 1 of the protocol, for plugins that keep their own socket. [`serve`](crate::serve()) speaks
//! version 2 and needs none of them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

mod payload;

pub use crate::types::{HttpRequest, HttpResponse, KvOp};

/// A message of version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// `lifecycle`, `http`, `kv` or `log`.
    #[serde(rename = "type")]
    pub message_type: String,
    /// When it was made. Nothing is decided by it.
    pub timestamp: DateTime<Utc>,
    /// What matches a reply to its request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What it says.
    pub payload: MessagePayload,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessagePayload {
    /// From the host: `init` with a payload, or `shutdown`.
    Lifecycle {
        /// `init` or `shutdown`.
        action: String,
        /// With `init`.
        payload: Option<LifecycleInitPayload>,
    },
    /// A request of a client. As the plugin's answer, its `body` holds the JSON text of an [`HttpMessageResponse`].
    Http {
        /// The same as that of the message.
        request_id: String,
        /// The request.
        payload: HttpRequest,
    },
    /// A request to a store, or the answer to one.
    Kv {
        /// The same as that of the message.
        request_id: String,
        /// The request or the answer.
        payload: KvMessagePayload,
    },
}

/// What the host tells a plugin at the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleInitPayload {
    /// The installation of the host.
    pub instance_id: String,
    /// Where the plugin listens.
    pub plugin_socket: String,
    /// The plugin's log file.
    pub log_path: String,
}

/// A request to a key-value store, or the answer to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KvMessagePayload {
    /// A request.
    Request(KvOp),
    /// An answer.
    Response {
        /// The value, or `None` where there is none and where the request was no question.
        value: Option<String>,
    },
}

/// The answer to an HTTP request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpMessageResponse {
    /// 200 to 599.
    pub status: u16,
    /// What the client gets as headers.
    #[serde(default)]
    pub headers: HashMap<String, String>,
    /// The body, or `None` where there is none.
    #[serde(default)]
    pub body: Option<String>,
}

impl From<HttpResponse> for HttpMessageResponse {
    fn from(HttpResponse { status, headers, body }: HttpResponse) -> Self {
        Self { status, headers, body }
    }
}

impl From<HttpMessageResponse> for HttpResponse {
    fn from(HttpMessageResponse { status, headers, body }: HttpMessageResponse) -> Self {
        Self { status, headers, body }
    }
}

/// The answer to a request to a key-value store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KvMessageResponse {
    /// The value, or `None` where there is none.
    #[serde(default)]
    pub value: Option<String>,
}

impl Message {
    /// A lifecycle message; it has no `request_id`.
    pub fn new_lifecycle(action: &str, payload: Option<LifecycleInitPayload>) -> Self {
        Self::now("lifecycle", None, MessagePayload::Lifecycle { action: action.to_owned(), payload })
    }

    /// An HTTP message.
    pub fn new_http(request_id: String, request: HttpRequest) -> Self {
        let payload = MessagePayload::Http { request_id: request_id.clone(), payload: request };
        Self::now("http", Some(request_id), payload)
    }

    /// A request to a store.
    pub fn new_kv(request_id: String, op: KvOp) -> Self {
        Self::kv(request_id, KvMessagePayload::Request(op))
    }

    /// The answer to a request to a store.
    pub fn new_kv_response(request_id: String, value: Option<String>) -> Self {
        Self::kv(request_id, KvMessagePayload::Response { value })
    }

    fn kv(request_id: String, payload: KvMessagePayload) -> Self {
        Self::now("kv", Some(request_id.clone()), MessagePayload::Kv { request_id, payload })
    }

    fn now(message_type: &str, request_id: Option<String>, payload: MessagePayload) -> Self {
        Self { message_type: message_type.to_owned(), timestamp: Utc::now(), request_id, payload }
    }
}
